/** The part of Capstone's JavaScript port that everystep uses; the package has no types of its own. */
declare module '@alexaltea/capstone-js' {
  interface Instruction {
    readonly mnemonic: string;
    readonly op_str: string;
  }
  interface Decoder {
    /** @throws string where the bytes are no instruction */
    disasm(bytes: ArrayLike<number>, address: number): Instruction[];
  }
  interface Capstone {
    readonly ARCH_ARM64: number;
    readonly MODE_LITTLE_ENDIAN: number;
    readonly Capstone: new (architecture: number, mode: number) => Decoder;
  }
  export default function MCapstone(): Promise<Capstone>;
}
