/** `etabli events`: prints what happened, from the file that the server writes; the server need not run. */
import { existsSync, readFileSync } from 'node:fs';
import { visible } from '../../src/shared/visible.ts';
import { eventsPath } from '../observability/events/event-log.ts';
import { Failure } from '../setup/failure.ts';
import type { Arguments } from './arguments.ts';
import { configuration } from './settings.ts';

const shownByDefault = 200;

/** @throws Failure when no server has ever written any */
export async function events(args: Arguments): Promise<number> {
	const { data } = configuration(args);
	const path = eventsPath(data);
	const files = [`${path}.old`, path].filter((file) => existsSync(file));
	if (files.length === 0)
		throw new Failure(`There are no events in ${data}: no server has run there.`, {
			hint: './etabli up starts one; --data DIR names another folder.',
		});
	const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1));
	const wanted = typeof args.values['lines'] === 'number' ? args.values['lines'] : shownByDefault;
	process.stdout.write(
		lines
			.slice(-Math.max(1, wanted))
			.map((line) => `${visible(line)}\n`)
			.join(''),
	);
	return 0;
}
