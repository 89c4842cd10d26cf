/** The types of the microcode's language, so that layout.ts reads the same in both. */
type u32 = number
