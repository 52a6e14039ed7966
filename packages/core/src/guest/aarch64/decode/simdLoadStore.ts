import { loadRegisters, loadReplicate, loadSingle, loadStructures, storeRegisters, storeSingle, storeStructures } from '../translate/simdLoadStore.ts';
import { def } from '../translate/translator.ts';

type Offset = { readonly post: number; readonly rm: number };
/** Without writeback there is no offset register. */
const hasOffset = ({ post, rm }: Offset): boolean => post === 1 || rm === 0;
const offset = { where: hasOffset };
/** 1D holds but one element, so it makes no structures. */
const structures = { where: (f: Offset & { q: number; size: number }): boolean => hasOffset(f) && (f.size !== 3 || f.q === 1) };
/** Bits of size below the element's size are 0, except that of a doubleword. */
const single = {
  where: (f: Offset & { scale: number; s: number; size: number }): boolean => {
    if (!hasOffset(f)) return false;
    switch (f.scale) {
      case 0:
        return true;
      case 1:
        return (f.size & 1) === 0;
      case 2:
        return f.size === 0 || (f.size === 1 && f.s === 0);
      default:
        return false;
    }
  },
};

/** Arm ARM C4.1: Advanced SIMD load/store multiple structures, without and with post-index. */
export const simdLoadStoreMultiple = [
  def('LD1 (multiple structures, 1 register)', '0 q:1 001100 post:1 1 0 rm:5 0111 size:2 rn:5 rt:5', loadRegisters(1), offset),
  def('LD1 (multiple structures, 2 registers)', '0 q:1 001100 post:1 1 0 rm:5 1010 size:2 rn:5 rt:5', loadRegisters(2), offset),
  def('LD1 (multiple structures, 3 registers)', '0 q:1 001100 post:1 1 0 rm:5 0110 size:2 rn:5 rt:5', loadRegisters(3), offset),
  def('LD1 (multiple structures, 4 registers)', '0 q:1 001100 post:1 1 0 rm:5 0010 size:2 rn:5 rt:5', loadRegisters(4), offset),
  def('LD2 (multiple structures)', '0 q:1 001100 post:1 1 0 rm:5 1000 size:2 rn:5 rt:5', loadStructures(2), structures),
  def('LD3 (multiple structures)', '0 q:1 001100 post:1 1 0 rm:5 0100 size:2 rn:5 rt:5', loadStructures(3), structures),
  def('LD4 (multiple structures)', '0 q:1 001100 post:1 1 0 rm:5 0000 size:2 rn:5 rt:5', loadStructures(4), structures),
  def('ST1 (multiple structures, 1 register)', '0 q:1 001100 post:1 0 0 rm:5 0111 size:2 rn:5 rt:5', storeRegisters(1), offset),
  def('ST1 (multiple structures, 2 registers)', '0 q:1 001100 post:1 0 0 rm:5 1010 size:2 rn:5 rt:5', storeRegisters(2), offset),
  def('ST1 (multiple structures, 3 registers)', '0 q:1 001100 post:1 0 0 rm:5 0110 size:2 rn:5 rt:5', storeRegisters(3), offset),
  def('ST1 (multiple structures, 4 registers)', '0 q:1 001100 post:1 0 0 rm:5 0010 size:2 rn:5 rt:5', storeRegisters(4), offset),
  def('ST2 (multiple structures)', '0 q:1 001100 post:1 0 0 rm:5 1000 size:2 rn:5 rt:5', storeStructures(2), structures),
  def('ST3 (multiple structures)', '0 q:1 001100 post:1 0 0 rm:5 0100 size:2 rn:5 rt:5', storeStructures(3), structures),
  def('ST4 (multiple structures)', '0 q:1 001100 post:1 0 0 rm:5 0000 size:2 rn:5 rt:5', storeStructures(4), structures),
];

/** Arm ARM C4.1: Advanced SIMD load/store single structure, without and with post-index. */
export const simdLoadStoreSingle = [
  def('LD1 (single structure)', '0 q:1 001101 post:1 1 0 rm:5 scale:2 0 s:1 size:2 rn:5 rt:5', loadSingle(1), single),
  def('LD2 (single structure)', '0 q:1 001101 post:1 1 1 rm:5 scale:2 0 s:1 size:2 rn:5 rt:5', loadSingle(2), single),
  def('LD3 (single structure)', '0 q:1 001101 post:1 1 0 rm:5 scale:2 1 s:1 size:2 rn:5 rt:5', loadSingle(3), single),
  def('LD4 (single structure)', '0 q:1 001101 post:1 1 1 rm:5 scale:2 1 s:1 size:2 rn:5 rt:5', loadSingle(4), single),
  def('ST1 (single structure)', '0 q:1 001101 post:1 0 0 rm:5 scale:2 0 s:1 size:2 rn:5 rt:5', storeSingle(1), single),
  def('ST2 (single structure)', '0 q:1 001101 post:1 0 1 rm:5 scale:2 0 s:1 size:2 rn:5 rt:5', storeSingle(2), single),
  def('ST3 (single structure)', '0 q:1 001101 post:1 0 0 rm:5 scale:2 1 s:1 size:2 rn:5 rt:5', storeSingle(3), single),
  def('ST4 (single structure)', '0 q:1 001101 post:1 0 1 rm:5 scale:2 1 s:1 size:2 rn:5 rt:5', storeSingle(4), single),
  def('LD1R', '0 q:1 001101 post:1 1 0 rm:5 11 0 0 size:2 rn:5 rt:5', loadReplicate(1), offset),
  def('LD2R', '0 q:1 001101 post:1 1 1 rm:5 11 0 0 size:2 rn:5 rt:5', loadReplicate(2), offset),
  def('LD3R', '0 q:1 001101 post:1 1 0 rm:5 11 1 0 size:2 rn:5 rt:5', loadReplicate(3), offset),
  def('LD4R', '0 q:1 001101 post:1 1 1 rm:5 11 1 0 size:2 rn:5 rt:5', loadReplicate(4), offset),
];
