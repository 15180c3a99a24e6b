import { charts } from '../../build/energyPage.generated.ts';
import { type EnergyPageOptions, energyPage as page } from '../energy/page.ts';
import type { EnergyReport } from '../energy/report.ts';

export type { EnergyPageOptions } from '../energy/page.ts';

/**
 * An energy report as one HTML file that needs nothing else. It stands apart from the library, which
 * holds no charts.
 */
export function energyPage(report: EnergyReport, options: EnergyPageOptions): string {
  return page(report, options, charts);
}
