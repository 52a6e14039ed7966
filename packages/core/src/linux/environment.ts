/**
 * A guest's environment as QEMU composes it from the host's and from `-E` and `-U`: each name once, and the variable set
 * last comes first.
 */
export class Environment {
  private entries: string[] = [];

  /** @param assignments NAME=value, in the host's order; what has no `=` is left out */
  constructor(assignments: Iterable<string>) {
    for (const assignment of assignments) this.set(assignment);
  }

  /**
   * Sets a variable.
   * @param assignment NAME=value
   * @returns false if there is no `=`
   */
  set(assignment: string): boolean {
    const equals = assignment.indexOf('=');
    if (equals < 0) return false;
    this.unset(assignment.slice(0, equals));
    this.entries.unshift(assignment);
    return true;
  }

  /**
   * Removes a variable, if it is there.
   * @returns false if `name` cannot be one, because it holds a `=`
   */
  unset(name: string): boolean {
    if (name.includes('=')) return false;
    this.entries = this.entries.filter((entry) => !entry.startsWith(`${name}=`));
    return true;
  }

  /** NAME=value in the order in which the guest finds them. */
  get assignments(): readonly string[] {
    return this.entries;
  }
}
