/** A room's list of names from a course of a learning platform, on the command line: shown, asked, taken. */
import { join } from 'node:path';
import { rosterChange } from '../../src/shared/room/roster-change.ts';
import { visible } from '../../src/shared/visible.ts';
import type { ServerConfig } from '../config.ts';
import { courseList } from '../lti/members.ts';
import { PlatformServices } from '../lti/services.ts';
import { lostToolKey } from '../lti/tool-key.ts';
import { systemClock } from '../platform/clock.ts';
import { lazySigningKey } from '../platform/signing-key.ts';
import type { RoomDraft } from '../rooms/room-service.ts';
import { mostNames } from '../rooms/roster.ts';
import { Failure } from '../setup/failure.ts';
import type { RosterSource } from '../store/rooms.ts';
import type { SqliteStore } from '../store/sqlite-store.ts';
import { type Arguments, usageStatus } from './arguments.ts';
import { asker, sure } from './asker.ts';

const say = (text: string) => process.stderr.write(`${visible(text)}\n`);

interface Wanted {
	config: ServerConfig;
	store: SqliteStore;
	/** The room as it is, or will be without that list. */
	before: Pick<RoomDraft, 'course' | 'names' | 'rosterFrom'>;
}

/** Says what the list would change, and asks. @returns undefined: it is left as it is @throws Failure, Refusal */
export async function wantedRoster(
	args: Arguments,
	{ config, store, before }: Wanted,
): Promise<Pick<RoomDraft, 'names' | 'rosterFrom'> | undefined> {
	const source = sourceOf(args, before.rosterFrom);
	const { lti } = store;
	const platform = lti.platforms().find(({ name }) => name === source.platform);
	const course = lti.courses(before.course).find((one) => one.platform === source.platform && one.context === source.context);
	if (!platform || !course)
		throw new Failure(`No lesson of ${before.course} was opened from ${source.platform}/${source.context} yet: its list is not known.`, {
			hint: './etabli lti says of which courses it is.',
		});
	const services = new PlatformServices({ key: lazySigningKey(join(config.data, 'lti-key.json'), lostToolKey), clock: systemClock });
	const { names, others, nameless, numbered, left } = await courseList(services, { platform, course, mostNames });
	const { added, gone } = rosterChange(before.names, names);
	say(`${course.title} (${platform.name}): ${names.length} learners.`);
	for (const name of added) say(`+ ${name}`);
	for (const name of gone) say(`- ${name}`);
	if (others > 0) say(`${others} teachers and others do not go on the list.`);
	if (nameless > 0) say(`${nameless} learners have no name that the platform says.`);
	if (numbered > 0) say(`${numbered} learners have the name of another, and got a number.`);
	if (left > 0) say(`${left} learners are too many for one list (${mostNames}), and are left out.`);
	if (added.length === 0 && gone.length === 0) say('The list is the same.');
	else if (!(await sure(asker(args.values['yes'] === true), 'Take this list?'))) return undefined;
	return { names, rosterFrom: source };
}

function sourceOf({ values }: Arguments, known: RosterSource | undefined): RosterSource {
	const text = values['roster-from-lti'];
	if (text === undefined && known) return known;
	const [, platform, context] = /^([^/]+)\/(.+)$/.exec(String(text ?? '')) ?? [];
	if (platform === undefined || context === undefined)
		throw new Failure(
			text === undefined ? 'The room’s list is of no course.' : `--roster-from-lti is PLATFORM/ID of a course, not "${text}".`,
			{ hint: 'give --roster-from-lti moodle/7: ./etabli lti says which courses there are.', status: usageStatus },
		);
	if (values['names'] !== undefined)
		throw new Failure('A list is from a file or from a course: --names or --roster-from-lti.', { status: usageStatus });
	return { platform, context };
}
