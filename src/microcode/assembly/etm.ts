/** The event-task matrix: what a finished copy, an edge or an alarm sets going, without any JavaScript in between. */

/** An event of a source that enabled channels listen to. */
export function fire(_source: usize): void {}
