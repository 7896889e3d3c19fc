/** All measures, one after the other, and where they were taken. */

import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import type { Engine } from '../../runtimes/engine.ts';
import { Kit, type KitOptions, type Measure } from './kit.ts';
import { browser } from './measures/browser.ts';
import { bulk } from './measures/bulk.ts';
import { classStart } from './measures/class.ts';
import { cluster } from './measures/cluster.ts';
import { cockpit } from './measures/cockpit.ts';
import { echo } from './measures/echo.ts';
import { editor } from './measures/editor.ts';
import { engines } from './measures/engines.ts';
import { follow } from './measures/follow.ts';
import { idle } from './measures/idle.ts';
import { interrupt } from './measures/interrupt.ts';
import { kubernetes } from './measures/kubernetes.ts';
import { memory } from './measures/memory.ts';
import { page } from './measures/page.ts';
import { preview } from './measures/preview.ts';
import { start } from './measures/start.ts';
import { typists } from './measures/typists.ts';
import { verdict } from './measures/verdict.ts';
import type { Machine } from './report.ts';
import { type MeasureResult, takeMeasure } from './rows.ts';

/** All there are, in the order in which they run. */
export const measures: readonly Measure[] = [
	start,
	classStart,
	echo,
	bulk,
	browser,
	page,
	editor,
	preview,
	interrupt,
	verdict,
	memory,
	typists,
	follow,
	cockpit,
	idle,
	engines,
	cluster,
	kubernetes,
];

export interface BenchmarkRun extends KitOptions {
	chosen: readonly Measure[];
	/** Called around each measure. */
	around: (measure: Measure, work: () => Promise<MeasureResult>) => Promise<MeasureResult>;
}

/** @throws the signal's reason */
export async function runMeasures({ chosen, around, ...options }: BenchmarkRun): Promise<MeasureResult[]> {
	const kit = new Kit(options);
	const results: MeasureResult[] = [];
	try {
		for (const measure of chosen) {
			results.push(
				await around(measure, () =>
					takeMeasure(
						{ measure: measure.name, title: measure.title },
						async () => {
							try {
								return await measure.run(kit);
							} finally {
								await kit.endServers();
							}
						},
						options.signal,
					),
				),
			);
		}
	} finally {
		await kit.close();
	}
	return results;
}

/** This machine and its engine. @param loadBefore average load of the last minute before the measures */
export async function describeMachine(engine: Engine, loadBefore: number): Promise<Machine> {
	const { kind, version, defaultOciRuntime, cgroup } = await engine.info();
	return {
		cpu: cpus()[0]?.model.trim() ?? 'unknown',
		cores: cpus().length,
		memory: totalmem(),
		kernel: release(),
		system: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown',
		node: process.versions.node,
		engine: `${kind} ${version}, ${defaultOciRuntime}, cgroup ${cgroup}`,
		load: { before: loadBefore, after: loadavg()[0] ?? 0 },
	};
}
