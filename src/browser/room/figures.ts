/** Beside the grid: who needs help first, and what most fail with. */
import { fill } from '../../shared/fill.ts';
import type { FeedCommand, FeedPerson, FeedRoom, FeedSentence } from '../../shared/protocol/room-feed.ts';
import { inNeed, type Need } from '../../shared/room/need.ts';
import { button, make } from '../dom.ts';
import { sentenceNodes } from '../sentence.ts';
import type { PageContext, Titles } from './context.ts';
import { counted, lasting } from './format.ts';

/** More than a trainer can walk to. */
const mostInNeed = 8;
const longSilence = 5 * 60_000;

interface NeedOptions {
	context: PageContext;
	titles: Titles;
	room: FeedRoom;
	people: Iterable<FeedPerson>;
	/** The server's clock, ms. */
	now: number;
	open(person: FeedPerson): void;
}

/** In order of need, with the reasons in words. */
export function needNodes({ context: { t }, titles, room, people, now, open }: NeedOptions): Node[] {
	const all = inNeed(people, room.steps.length, now);
	if (all.length === 0) return [make('p', { class: 'quiet-line' }, t.nobodyStuck)];
	const lines = all.slice(0, mostInNeed).map((need) => {
		const at = room.steps[need.person.at];
		const step = make('span', { class: 'need-step' }, at ? titles.step(at) : '');
		const name = button(need.person.name, () => open(need.person), { class: 'grid-name', 'aria-haspopup': 'dialog' });
		return make('li', {}, name, step, make('span', { class: 'need-why' }, reasons(need, t).join(' · ')));
	});
	const rest = all.length - lines.length;
	return [
		make('ol', { class: 'need' }, ...lines),
		...(rest > 0 ? [make('p', { class: 'quiet-line' }, counted(rest, t.oneMore, t.manyMore))] : []),
	];
}

function reasons({ person, atStep, usual, silent }: Need, t: PageContext['t']): string[] {
	const said = [fill(t.atStepFor, { time: lasting(atStep, t), usual: lasting(usual, t) })];
	if (person.tries > 0) said.push(counted(person.tries, t.oneTry, t.manyTries));
	if (silent > longSilence) said.push(fill(t.silentFor, { time: lasting(silent, t) }));
	if (person.lab === 'lost') said.push(t.labLost);
	return said;
}

const figure = (people: number, t: PageContext['t']) => make('strong', { class: 'top-count' }, counted(people, t.onePerson, t.manyPeople));

/** Without names: what a check said, and to how many. */
export function sentenceList({ t, language }: PageContext, titles: Titles, sentences: readonly FeedSentence[]): Node[] {
	if (sentences.length === 0) return [make('p', { class: 'quiet-line' }, t.noSentences)];
	const lines = sentences.map(({ lesson, step, text, people, times }) =>
		make(
			'li',
			{},
			figure(people, t),
			make('span', { class: 'top-text' }, ...sentenceNodes(text[language], language)),
			make(
				'span',
				{ class: 'top-where' },
				`${titles.lesson(lesson)} › ${titles.step({ lesson, step })} · ${counted(times, t.oneTime, t.manyTimes)}`,
			),
		),
	);
	return [make('ul', { class: 'top' }, ...lines)];
}

/** Without names: what was typed, and by how many. */
export function commandList({ t }: PageContext, commands: readonly FeedCommand[]): Node[] {
	if (commands.length === 0) return [make('p', { class: 'quiet-line' }, t.noCommands)];
	const lines = commands.map(({ command, people, times }) =>
		make(
			'li',
			{},
			figure(people, t),
			make('code', { class: 'top-text' }, command),
			make('span', { class: 'top-where' }, counted(times, t.oneTime, t.manyTimes)),
		),
	);
	return [make('ul', { class: 'top' }, ...lines)];
}
