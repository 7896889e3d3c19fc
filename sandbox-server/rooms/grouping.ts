/** What most people fail with: sentences of checks and commands, put together, without names. Pure. */
import type { FeedCommand, FeedSentence } from '../../src/shared/protocol/room-feed.ts';
import type { RoomSentenceRow } from '../store/room-work.ts';

const mostGroups = 20;
/** Of a group of commands: what one person alone has typed is theirs. */
const fewestPeople = 2;
/** Letters of a word of a command that is shown. */
const longestWord = 30;

/** What differs from learner to learner in a sentence: code (names of files, their values) and numbers. */
const general = (sentence: string) => sentence.replace(/`[^`]*`/g, '`…`').replace(/\d+/g, '…');

const most = <T extends { people: number; times: number }>(groups: T[]): T[] =>
	groups.sort((a, b) => b.people - a.people || b.times - a.times).slice(0, mostGroups);

/** Sentences that differ in code and numbers alone are one, shown as most people saw it, or without them when no two saw the same. */
export function groupSentences(rows: readonly RoomSentenceRow[]): FeedSentence[] {
	const groups = Map.groupBy(rows, ({ lesson, step, fr }) => `${lesson}/${step} ${general(fr)}`);
	return most(
		[...groups.values()].map((group) => {
			const people = new Set(group.map(({ learner }) => learner)).size;
			const times = group.reduce((sum, row) => sum + row.times, 0);
			const variants = [...Map.groupBy(group, ({ fr }) => fr).values()].sort((a, b) => b.length - a.length);
			const [first] = variants[0] ?? [];
			const { lesson = '', step = '', fr = '', en = '' } = first ?? {};
			const same = (variants[0]?.length ?? 0) > 1;
			return { lesson, step, text: same ? { fr, en } : { fr: general(fr), en: general(en) }, people, times };
		}),
	);
}

/** "sudo FOO=1 apptainer build x.sif" → "apptainer build": the program, and what it was to do when that is a plain word. */
export function commandHead(command: string): string {
	const words = command.trim().split(/\s+/);
	const start = words.findIndex((word) => word !== 'sudo' && !/^\w+=/.test(word));
	const [program = '', verb = ''] = start < 0 ? [] : words.slice(start);
	return (/^[a-z][a-z-]*$/.test(verb) ? [program, verb] : [program]).map((word) => word.slice(0, longestWord)).join(' ');
}

/** What at least two people have typed, by `commandHead`, what most people typed first. */
export function groupCommands(rows: readonly { learner: string; command: string }[]): FeedCommand[] {
	const groups = Map.groupBy(rows, ({ command }) => commandHead(command));
	return most(
		[...groups]
			.map(([command, group]) => ({ command, people: new Set(group.map(({ learner }) => learner)).size, times: group.length }))
			.filter(({ command, people }) => command !== '' && people >= fewestPeople),
	);
}
