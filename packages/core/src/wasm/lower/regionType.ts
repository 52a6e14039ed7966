/** Type of a region's function: (slot: i32, depth: i32) -> next pc: i64. A negative slot names an entry, see Region. */
export const REGION_PARAMS = ['i32', 'i32'] as const;
export const REGION_RESULTS = ['i64'] as const;
