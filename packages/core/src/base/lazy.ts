/**
 * A constant that is worked out when it is first asked for: tables that few runs need do not cost every start.
 * @param make depends on nothing that changes
 */
export function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
