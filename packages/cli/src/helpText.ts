/** What `everystep help` prints. */
export const helpText = `usage: everystep COMMAND ...

Runs Linux programs built for AArch64, and tells every instruction that they execute, with every value.

  everystep run [options] PROGRAM [arguments]     run a program, with the options of qemu-aarch64
  everystep gdb [options] PROGRAM [arguments]     run it under gdb
  everystep trace [options] PROGRAM [arguments]   run it, and write every instruction with every value
  everystep export [options] TRACE|RECORDING      turn a trace in chunks, or a recording, into text or another format
  everystep check-trace TRACE                     check that a trace in chunks is whole and fits together
  everystep record [options] PROGRAM [arguments]  run it, and write down what it takes to have any instruction again
  everystep replay [options] [RECORDING]          run a recording again, and check that it does the same
  everystep at RECORDING STEP                     show a moment of a recording: registers, call stack, threads, memory
  everystep who-wrote RECORDING WHAT              who wrote a register or memory last
  everystep executions RECORDING WHERE            when an instruction was executed, and what values there were
  everystep calls RECORDING [FUNCTION]            calls, with arguments and results
  everystep syscalls RECORDING [NAME...]          system calls
  everystep stdout RECORDING                      what it wrote, or when it wrote a byte of it
  everystep why RECORDING STEP WHAT               where a value came from
  everystep query [options] RECORDING "SQL"       ask a recording's tables of instructions, values and calls
  everystep diff [options] A B                    where two recordings do different things, and what differs there
  everystep pack [options] RECORDING              make one file of a recording, that works on any machine
  everystep index [options] RECORDING             make what questions start from, before the first one does
  everystep check-recording RECORDING             check that a recording is whole and fits together
  everystep cache DIRECTORY                       compile now what runs with --cache have left to be compiled
  everystep help [COMMAND]                        show this, or a command's options
  everystep version                               show the version

Start with: everystep trace --first 20 PROGRAM
`;
