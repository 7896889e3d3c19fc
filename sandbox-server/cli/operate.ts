/** `etabli status` and `etabli pool`: ask a running server, and tell it how many sandboxes to keep ready. */
import { askControl, ControlFailed, type ControlStatus, type PoolRequest } from '../control/control.ts';
import { nextTime, statusText } from '../control/words.ts';
import { Failure } from '../setup/failure.ts';
import { type Arguments, usageStatus } from './arguments.ts';
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
	process.stdout.write(asJson ? `${JSON.stringify(status, null, '\t')}\n` : statusText(status, Date.now()));
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
	if (number !== 'auto' && !/^\d{1,3}$/.test(number))
		throw new Failure(`"${number}" is neither a number up to 200 nor "auto".`, { status: usageStatus });
	const from = moment(args, 'from', Date.now());
	const until = moment(args, 'until', from ?? Date.now());
	const ready = number === 'auto' ? null : Number(number);
	return show(await ask(args, { course, ready, ...(from !== undefined && { from }), ...(until !== undefined && { until }) }), false);
}

function moment(args: Arguments, name: string, after: number): number | undefined {
	const text = args.values[name];
	if (text === undefined) return undefined;
	const found = nextTime(String(text), after);
	if (found === undefined) throw new Failure(`--${name} is a time of day such as 08:50, not "${text}".`, { status: usageStatus });
	return found;
}
