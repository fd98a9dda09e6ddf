interface RestateSettings {
  dataDir: string;
  /** A folder for the temporary files that the server leaves behind. */
  temporary: string;
  /** The Lambda host, or anything else that speaks Lambda's Invoke API. */
  lambdaUrl: string;
  ports: { ingress: number; admin: number; node: number };
  protocolV7: boolean;
  vqueues: boolean;
  alwaysReplay: boolean;
}

/**
 * The server's whole environment: nothing is inherited. Configuration keys are those of `restate-server
 * --dump-config`; sizes follow https://docs.restate.dev/server/memory, reduced for a laptop.
 */
export function restateEnvironment(settings: RestateSettings): Record<string, string> {
  const { ports, dataDir, temporary, lambdaUrl, protocolV7, vqueues, alwaysReplay } = settings;
  return {
    RESTATE_BASE_DIR: dataDir,
    TMPDIR: temporary,
    // The default is the host name, but the data belongs to the node with the name that wrote it.
    RESTATE_NODE_NAME: "local",
    RESTATE_DISABLE_TELEMETRY: "true",
    RESTATE_LOG_DISABLE_ANSI_CODES: "true",
    RESTATE_LISTEN_MODE: "tcp",
    RESTATE_BIND_IP: "127.0.0.1",
    RESTATE_BIND_ADDRESS: `127.0.0.1:${ports.node}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${ports.node}/`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ports.ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${ports.admin}`,
    RESTATE_DEFAULT_NUM_PARTITIONS: "4",
    RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: "256 MiB",
    RESTATE_ADMIN__QUERY_ENGINE__MEMORY_SIZE: "256 MiB",
    RESTATE_BIFROST__RECORD_CACHE_MEMORY_SIZE: "64 MiB",
    // One node needs no replication. Data that another provider has begun stays with it: that is the log server's.
    RESTATE_BIFROST__DEFAULT_PROVIDER: "local",
    // The log is written at once and reaches the disk later: no kill loses any of it, only a power cut can.
    RESTATE_BIFROST__LOCAL__ROCKSDB_DISABLE_WAL_FSYNC: "true",
    RESTATE_LOG_SERVER__ROCKSDB_DISABLE_WAL_FSYNC: "true",
    ...(protocolV7 && { RESTATE_EXPERIMENTAL_ENABLE_PROTOCOL_V7: "true" }),
    ...(vqueues && { RESTATE_EXPERIMENTAL_ENABLE_VQUEUES: "true" }),
    ...(alwaysReplay && { RESTATE_WORKER__INVOKER__INACTIVITY_TIMEOUT: "0s" }),
    AWS_ENDPOINT_URL_LAMBDA: lambdaUrl,
    AWS_REGION: "us-east-1",
    // The AWS client refuses to work without credentials. These keep the person's own out.
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_EC2_METADATA_DISABLED: "true",
  };
}
