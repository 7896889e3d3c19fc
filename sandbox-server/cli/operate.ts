/** `etabli status` and `etabli pool`: ask a running server, and tell it how many sandboxes to keep ready. */

import { visible } from '../../src/shared/visible.ts';
import { askControl, ControlFailed, type ControlStatus, type PoolRequest } from '../observability/control/control.ts';
import { nextTime, statusText } from '../observability/control/words.ts';
import { Failure } from '../setup/failure.ts';
import { type Arguments, unknown, usageStatus } from './arguments.ts';
import { configuration } from './settings.ts';

async function ask(args: Arguments, order?: PoolRequest): Promise<ControlStatus> {
	try {
		return await askControl(configuration(args).data, order);
	} catch (cause) {
		if (cause instanceof ControlFailed)
			throw new Failure(cause.message, { hint: './etabli up starts one; --data DIR names another.', cause });
		throw cause;
	}
}

function show(status: ControlStatus, asJson: boolean): number {
	process.stdout.write(visible(asJson ? `${JSON.stringify(status, null, '\t')}\n` : statusText(status, Date.now())));
	return 0;
}

/** @throws Failure */
export async function status(args: Arguments): Promise<number> {
	return show(await ask(args), args.values['json'] === true);
}

/** @throws Failure */
export async function pool(args: Arguments): Promise<number> {
	const [course, number] = args.words;
	if (course === undefined || number === undefined)
		throw new Failure('Which course, and how many?', {
			hint: './etabli pool tp-apptainer 40 --from 08:50 --until 09:30',
			status: usageStatus,
		});
	if (number !== 'auto' && !(/^\d{1,3}$/.test(number) && Number(number) <= 200))
		throw new Failure(`"${number}" is neither a number up to 200 nor "auto".`, {
			hint: `Write for example: ./etabli pool ${course} 20`,
			status: usageStatus,
		});
	const from = moment(args, 'from', Date.now());
	const until = moment(args, 'until', from ?? Date.now());
	const ready = number === 'auto' ? null : Number(number);
	const refusal = poolRefusal(await ask(args), course, ready);
	if (refusal) throw refusal;
	return show(await ask(args, { course, ready, ...(from !== undefined && { from }), ...(until !== undefined && { until }) }), false);
}

/** What the server could not do, before it is told to. @param ready null: as the course says */
export function poolRefusal({ pools, capacity }: ControlStatus, course: string, ready: number | null): Failure | undefined {
	const known = pools.map((pool) => pool.course);
	if (!known.includes(course)) return unknown('course', course, known, './etabli status');
	if (ready === null || ready <= capacity) return undefined;
	return new Failure(`There is room for ${capacity} ${capacity === 1 ? 'sandbox' : 'sandboxes'} in all: ${ready} cannot be kept ready.`, {
		hint: `Ask for ${capacity} at most; or start etabli with --max-sandboxes, if the machine has the memory (docs/operator/sizing.md).`,
		status: usageStatus,
	});
}

function moment(args: Arguments, name: string, after: number): number | undefined {
	const text = args.values[name];
	if (text === undefined) return undefined;
	const found = nextTime(String(text), after);
	if (found === undefined) throw new Failure(`--${name} is a time of day such as 08:50, not "${text}".`, { status: usageStatus });
	return found;
}
