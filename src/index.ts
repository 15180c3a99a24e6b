export type { EnergyOptions } from './energy/assumptions.ts';
export type { Range } from './energy/range.ts';
export type { EnergyPj, EnergyReport, LayerEnergy, MacCounts } from './energy/report.ts';
export { type Fault, MicrojouleError, ModelError, PlanError, RunError } from './errors.ts';
export type { InputOption } from './formats/importOptions.ts';
export type { Metadata, Preprocessing } from './graph/graph.ts';
export type { DType, TypedArray } from './graph/tensor.ts';
export type { ClassifyOptions } from './image/classify.ts';
export type { Pixels } from './image/pixels.ts';
export type { Classification } from './image/scores.ts';
export type { Measured, MeasureOptions } from './meter/measure.ts';
export { measureEnergy } from './meter/measureNode.ts';
export type { Plan, Step } from './plan/plan.ts';
export {
  type Profile,
  type ProfileOptions,
  profile,
  type StepProfile,
} from './profile/profile.ts';
export type { Span, TracedRun } from './profile/rounds.ts';
export { type ChromeTrace, chromeTrace, type TraceEvent } from './profile/trace.ts';
export type { Samples } from './quantize/observe.ts';
export { type QuantizeOptions, quantize } from './quantize/quantize.ts';
export type { Capabilities } from './run/capabilities.ts';
export { type CountOptions, countedBytes } from './run/count.ts';

export type { LoadOptions } from './run/load.ts';
export type { TensorInfo } from './run/model.ts';
export { capabilities, load, type NodeImage, NodeModel as Model } from './run/modelNode.ts';
