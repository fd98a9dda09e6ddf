/** The properties of a resource before and after a change of its stack; undefined if the resource does not exist. */
export interface Change<T> {
  before: T | undefined;
  after: T | undefined;
}
