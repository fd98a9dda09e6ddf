import { defineServer } from "fanout/server";

/**
 * The routes by which users reach the agents of a deployment, on a Lambda function URL. Nobody may until this says who asks: read
 * your own login's token from the request here, and return the user's id.
 */
export default defineServer({ authorize: () => undefined });
