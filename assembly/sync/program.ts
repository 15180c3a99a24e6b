import { ThreadArgs } from '../arguments';
import { Barrier } from './barrier';

/**
 * Carries out a thread's program: a list of entries of two words, a kernel's index in the table and
 * the address of its argument block. Index 0 is no kernel; its second word says what it is:
 * 0 ends the program, 1 tells the other threads that this one has come to a barrier, 2 waits until
 * all of them have.
 *
 * @param thread ThreadArgs
 * @returns 0 after the end; 1 where the wait took longer than `waitMilliseconds`: call again, and
 *   the program goes on where it stood
 */
export function run_program(thread: usize): i32 {
  let at = load<usize>(thread, ThreadArgs.at);
  while (true) {
    const kernel = load<u32>(at);
    const operand = load<usize>(at, 4);
    if (kernel !== 0) {
      call_indirect<void>(kernel, operand);
    } else if (operand === 0) {
      store<usize>(thread, load<usize>(thread, ThreadArgs.program), ThreadArgs.at);
      return 0;
    } else if (operand === 1) {
      Barrier.arrive(thread);
    } else if (!Barrier.wait(thread)) {
      store<usize>(thread, at, ThreadArgs.at);
      return 1;
    }
    at += 8;
  }
}
