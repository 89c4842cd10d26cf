/**
 * Small objects that threads share by handle: semaphores, ETM events and tasks, counters. Their handle is
 * their address. A slot that held one kind of object only ever holds that kind again, so a thread that comes late with an
 * old handle finds an object of the kind it expects, or none: never memory that is something else by now.
 */

export const OBJECT_SIZE: u32 = 128
/** u32: OBJECT_MAGIC plus the kind while the object lives, else 0. The last word to be set, the first to be cleared. */
export const OBJECT_KIND: u32 = 0
/** u32: the next slot in the list it is in. */
export const OBJECT_NEXT: u32 = 4
/** u32: what refers to it and keeps it from being deleted (an event's channels, a semaphore's tasks, ...). */
export const OBJECT_REFERENCES: u32 = 8
/** The object itself. */
export const OBJECT_BODY: u32 = 16

export const OBJECT_MAGIC: u32 = 0x4a424f00 // 'OBJ'
export const KIND_SEMAPHORE: u32 = 1
export const KIND_EVENT: u32 = 2
export const KIND_TASK: u32 = 3
export const KIND_COUNTER: u32 = 4
export const KINDS: u32 = 5

/** In the Soc block: the lock of all lists, then OBJECT_LIST_SIZE bytes a kind. */
export const OBJECTS_LOCK: u32 = 0
export const OBJECTS_LISTS: u32 = 16
export const OBJECT_LIST_SIZE: u32 = 16
/** u32: slots that can be used; slots that somebody may still look at, oldest first. */
export const LIST_FREE: u32 = 0
export const LIST_RETIRED: u32 = 4
export const LIST_RETIRED_LAST: u32 = 8

/** Slots that are added to a list at once. */
export const OBJECTS_PER_CHUNK: u32 = 32
