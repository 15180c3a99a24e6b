#!/usr/bin/env node
import { Command, Option } from 'commander';
import { version } from '../../package.json';
import { MicrojouleError } from '../errors.ts';
import { benchCommand } from './benchCommand.ts';
import { classifyCommand } from './classifyCommand.ts';
import { compareCommand } from './compareCommand.ts';
import { energyCommand } from './energyCommand.ts';
import { evalCommand } from './evalCommand.ts';
import { inspectCommand } from './inspectCommand.ts';
import {
  addEnergyOptions,
  addImageOptions,
  joinNumbers,
  positiveInteger,
  share,
} from './options.ts';
import { profileCommand } from './profileCommand.ts';
import { quantizeCommand } from './quantizeCommand.ts';
import { runCommand } from './runCommand.ts';

const program = new Command('microjoule')
  .description('Runs quantized convolutional networks, TFLite and ONNX, exact to the bit')
  .version(version);

addImageOptions(
  program
    .command('classify')
    .description('names what pictures show, with probabilities, latency and the cost of the model')
    .argument('<model>', 'TFLite or ONNX file')
    .argument('<image...>', 'JPEG, PNG, WebP, GIF, AVIF or TIFF files')
    .option('--top-k <n>', 'classes a picture', positiveInteger, 5),
)
  .option('--json', 'print JSON')
  .action(classifyCommand);

program
  .command('run')
  .description('runs a model on raw little-endian tensors in its own dtype and layout')
  .argument('<model>', 'TFLite or ONNX file')
  .requiredOption('--input <file...>', 'one file for each input, in order')
  .requiredOption('--output <file...>', 'one file for each output, in order')
  .option('--json', 'print JSON')
  .action(runCommand);

program
  .command('inspect')
  .description('lists inputs, outputs, cost, and for every layer the kernel and why it was chosen')
  .argument('<model>', 'TFLite or ONNX file')
  .option('--json', 'print JSON')
  .action(inspectCommand);

program
  .command('profile')
  .description('times every layer: median, share, rate, the kernel and why it was chosen')
  .argument('<model>', 'TFLite or ONNX file')
  .option('--runs <n>', 'samples of each layer that count', positiveInteger, 50)
  .option('--trace <file>', 'write the last runs for chrome://tracing and ui.perfetto.dev')
  .option('--json', 'print JSON')
  .action(profileCommand);

addEnergyOptions(
  program
    .command('energy')
    .description('counts what a forward pass does, and prices it by a model of hardware')
    .argument('<model>', 'TFLite or ONNX file'),
)
  .option('--accuracy <share>', 'right answers, such as 0.815: energy of one', share)
  .option('--budget <energy>', 'exit code 2 where the nominal energy is above it, such as 1uJ')
  .option('--max-macs <n>', 'exit code 2 where there are more MACs, such as 1M')
  .option('--measure', 'measure joules a run too, where the machine has a meter (Linux, RAPL)')
  .option('--html <file>', 'write a page with charts')
  .option('--json', 'print JSON')
  .action(energyCommand);

addImageOptions(
  addEnergyOptions(
    program
      .command('compare')
      .description('models side by side: accuracy, MACs, bytes, modelled energy, measured latency')
      .argument('<model...>', 'TFLite or ONNX files'),
  )
    .option('--data <dataset>', 'count right answers on this folder or zip (as eval does)')
    .addOption(
      new Option('--raw <kind>', 'what .bin files hold, where their size leaves it open').choices([
        'pixels',
        'signed',
        'tensor',
      ]),
    ),
)
  .option('--runs <n>', 'runs whose median counts', positiveInteger, 50)
  .option('--html <file>', 'write a page with a Pareto plot')
  .option('--json', 'print JSON')
  .action(compareCommand);

program
  .command('bench')
  .description(
    "verifies and times every kernel on layers of real networks, against this machine's ceilings",
  )
  .option('--filter <text>', 'only kernels, shapes and networks with this in their name')
  .option('--samples <n>', 'samples of each kernel on each shape', positiveInteger, 11)
  .addOption(
    new Option('--binary <name>', 'the fastest unless given').choices(['baseline', 'relaxed']),
  )
  .option('--html <file>', 'write a page with a roofline plot and a sortable table')
  .option('--json', 'print JSON')
  .action(benchCommand);

addImageOptions(
  program
    .command('eval')
    .description('counts how often the right class is the first, or among the first five')
    .argument('<model>', 'TFLite or ONNX file')
    .argument(
      '<dataset>',
      'folder or zip: one folder per class, or samples beside a labels.csv (file,class)',
    )
    .addOption(
      new Option('--raw <kind>', 'what .bin files hold, where their size leaves it open').choices([
        'pixels',
        'signed',
        'tensor',
      ]),
    )
    .option('--background', 'output 0 is a background class')
    .option('--no-background', 'output 0 is class 0'),
)
  .option('--json', 'print JSON')
  .action(evalCommand);

addImageOptions(
  program
    .command('quantize')
    .description('makes a quantized ONNX file of a model of real numbers, calibrated on pictures')
    .argument('<model>', 'ONNX or TFLite file')
    .argument('<images...>', 'pictures or raw tensors, or folders and zips of them')
    .requiredOption('-o, --output <file>', 'the ONNX file to write')
    .addOption(
      new Option('--method <name>', 'what maps hold: all numbers seen, or most')
        .choices(['minmax', 'percentile'])
        .default('percentile'),
    )
    .option('--percentile <n>', 'how many of the numbers, in percent', Number, 99.99)
    .option('--limit <n>', 'samples to take, from all over the list', positiveInteger, 200)
    .addOption(
      new Option('--ternary <type>', 'of ternary weights; int8 for engines without int2')
        .choices(['int2', 'int8'])
        .default('int2'),
    )
    .addOption(
      new Option('--raw <kind>', 'what .bin files hold, where their size leaves it open').choices([
        'pixels',
        'signed',
        'tensor',
      ]),
    ),
)
  .option('--json', 'print JSON')
  .action(quantizeCommand);

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await program.parseAsync(joinNumbers(process.argv));
} catch (error) {
  process.stderr.write(`microjoule: ${causeOf(error)}\n`);
  process.exitCode = 1;
}

/** What went wrong, without a stack: a line, or one for each fault of a model. */
function causeOf(error: unknown): string {
  if (error instanceof MicrojouleError) return error.message;
  const [line] = (error instanceof Error ? error.message : String(error)).split('\n');
  return `${line} (not foreseen: please open an issue with the command)`;
}
