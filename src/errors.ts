/** One thing that is wrong: where, what was got, what is expected, and what to do about it. */
export interface Fault {
  readonly where: string;
  readonly got: string;
  readonly expected: string;
  readonly advice: string;
}

/** The base of every error this library throws on purpose; the message is the sum of its faults. */
export class MicrojouleError extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: Fault | readonly Fault[]) {
    const list = Array.isArray(faults) ? (faults as readonly Fault[]) : [faults as Fault];
    super(
      list.map((f) => `${f.where}: got ${f.got}, expected ${f.expected}; ${f.advice}`).join('\n'),
    );
    this.faults = list;
  }
}

/** The model file is broken, or asks for something that this engine does not do. */
export class ModelError extends MicrojouleError {
  override readonly name = 'ModelError';
}

/** The model cannot be planned for this machine or within these limits. */
export class PlanError extends MicrojouleError {
  override readonly name = 'PlanError';
}

/** A call was given the wrong inputs or options. */
export class RunError extends MicrojouleError {
  override readonly name = 'RunError';
}
