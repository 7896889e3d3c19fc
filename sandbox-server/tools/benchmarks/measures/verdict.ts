/** From the end of a command to the verdict on the page, without the time that the check itself took. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepReport } from '../../../../src/shared/protocol/api.ts';
import { now } from '../client.ts';
import { Finder } from '../finder.ts';
import type { Kit, Measure } from '../kit.ts';
import type { Row } from '../rows.ts';
import type { MeasuredServer } from '../server.ts';
import { median, percentile } from '../statistics.ts';

const endMark = Buffer.from('\x1b]133;D;');

/** The server tells by another way than the page, a little earlier or later. */
export async function judgedAfter(server: MeasuredServer, count: number): Promise<void> {
	for (let tries = 0; server.judged.length <= count; tries++) {
		if (tries > 500) throw new Error('the server did not tell how long the check took');
		await sleep(10);
	}
}

async function run(kit: Kit): Promise<Row[]> {
	const server = await kit.docker();
	const client = await server.withTerminal();
	const finder = new Finder(endMark);
	let ended = 0;
	let told: { report: StepReport; at: number } | undefined;
	client.onOutput = (bytes) => {
		if (finder.push(bytes) > 0) ended = now();
	};
	client.onStep = (report) => {
		if (report.state === 'failed' || report.state === 'error') told = { report, at: now() };
	};
	const whole: number[] = [];
	const own: number[] = [];
	for (let round = 0; round < kit.scale.verdicts; round++) {
		kit.signal.throwIfAborted();
		[ended, told] = [0, undefined];
		const before = server.judged.length;
		client.type('true\r');
		await client.until(() => ended > 0 && told !== undefined, 'a verdict');
		const verdict = told as { report: StepReport; at: number } | undefined;
		if (verdict?.report.state !== 'failed') throw new Error(`the verdict was "${verdict?.report.state}"`);
		await judgedAfter(server, before);
		whole.push(verdict.at - ended);
		own.push(server.judged.at(-1) ?? Number.NaN);
		// One command, one verdict: the next must not be the answer to this one.
		await sleep(30);
	}
	const added = whole.map((ms, index) => Math.max(0, ms - (own[index] ?? 0)));
	const reference = (p: number) => ({ what: `the check’s own time, p${p}`, value: percentile(own, p) });
	const as = { unit: 'ms', samples: whole.length };
	return [
		{ ...as, what: 'besides the check’s own time, p50', value: median(added), reference: reference(50) },
		{
			...as,
			what: 'besides the check’s own time, p95',
			value: percentile(added, 95),
			reference: reference(95),
			target: { of: 'figure', at: 'most', limit: 150 },
		},
		{ ...as, what: 'in all, p95', value: percentile(whole, 95), reference: reference(95) },
	];
}

export const verdict: Measure = { name: 'verdict', title: 'From the end of a command to its verdict', run };
