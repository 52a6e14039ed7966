/** What a function of the allocator does. Sizes and addresses are its arguments, by number. */
export type Allocator =
  | { readonly kind: 'allocate'; readonly size: (args: readonly number[]) => number; readonly isCleared?: boolean; readonly storesAddress?: boolean }
  | { readonly kind: 'resize'; readonly size: (args: readonly number[]) => number }
  | { readonly kind: 'free' }
  /** It has to do with the heap's own data. */
  | { readonly kind: 'internal' };

const allocate = (size: (args: readonly number[]) => number): Allocator => ({ kind: 'allocate', size });

const MALLOC = allocate(([size]) => size);
const ALIGNED = allocate(([, size]) => size);
const INTERNAL: Allocator = { kind: 'internal' };

const INTERNALS = [
  ...['malloc_usable_size', 'malloc_trim', 'malloc_stats', 'malloc_info', 'mallinfo', 'mallinfo2', 'mallopt', 'ptmalloc_init', 'tcache_init', 'sbrk'],
  ...['malloc_arena_thread_freeres', 'malloc_thread_freeres', 'tcache_thread_shutdown', 'freeres', 'malloc_fork_lock_parent', 'malloc_fork_unlock_child'],
];

/** By name, without what libraries put before it. */
const ALLOCATORS: ReadonlyMap<string, Allocator> = new Map<string, Allocator>([
  ['malloc', MALLOC],
  ['malloc_impl', MALLOC],
  ['calloc', { kind: 'allocate', size: ([count, size]) => count * size, isCleared: true }],
  ['realloc', { kind: 'resize', size: ([, size]) => size }],
  ['reallocarray', { kind: 'resize', size: ([, count, size]) => count * size }],
  ['memalign', ALIGNED],
  ['aligned_alloc', ALIGNED],
  ['posix_memalign', { kind: 'allocate', size: ([, , size]) => size, storesAddress: true }],
  ['valloc', MALLOC],
  ['pvalloc', MALLOC],
  ['free', { kind: 'free' }],
  ['cfree', { kind: 'free' }],
  ...INTERNALS.map((name): [string, Allocator] => [name, INTERNAL]),
]);

/** The function of the allocator that has this name in the GNU C library, its dynamic linker, or musl (__libc_malloc, __free, …). */
export const allocatorOf = (name: string): Allocator | undefined => ALLOCATORS.get(name.replace(/^_+(?:GI_+)?(?:(?:libc|rtld|minimal)_)?/, ''));

const TEXT_FUNCTION = /^_*(GI_)?(str|stp|mem|rawmem|wcs|wmem|bcmp)/;
const COPY_FUNCTION = /^_*(GI_)?(mem|wmem)(p?cpy|move|set|ccpy|zero)/;

/**
 * Functions that look for the end of a text read a few bytes at once, and so some behind it: allowed are loads near bytes
 * that may be read, and what they load counts as initialised.
 */
export const readsAhead = (name: string): boolean => TEXT_FUNCTION.test(name) && !COPY_FUNCTION.test(name);
