/** The properties of a resource before and after a change of its stack; undefined: there is no such resource. */
export interface Change<T> {
  before: T | undefined;
  after: T | undefined;
}
