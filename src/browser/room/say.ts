/** Saying something to the room: to all, to those at a step, to one. */
import { fill } from '../../shared/fill.ts';
import type { AnnounceRequest, FeedRoom } from '../../shared/protocol/room-feed.ts';
import { make } from '../dom.ts';
import type { PageContext, Titles } from './context.ts';
import { field, onSubmit } from './form-parts.ts';
import { counted } from './format.ts';

/** @param to undefined: to be chosen from the steps of the room */
export function sayForm(
	context: PageContext,
	{ room, titles, to }: { room: FeedRoom; titles: Titles; to?: AnnounceRequest['to'] },
): HTMLFormElement {
	const { t, api } = context;
	const text = make('textarea', { rows: '2', maxlength: '500', required: true });
	const whom = make('select', {}, make('option', { value: 'all' }, t.toAll));
	room.steps.forEach((step, index) => {
		whom.append(make('option', { value: String(index) }, fill(t.toStep, { lesson: titles.lesson(step.lesson), step: titles.step(step) })));
	});
	const form = make('form', { class: 'say-form' }, field(t.sayText, text), ...(to === undefined ? [field(t.sayTo, whom)] : []));
	const sent = make('p', { role: 'status', class: 'room-status' });
	form.append(make('button', { class: 'button primary' }, t.say), sent);
	text.addEventListener('input', () => sent.replaceChildren());
	onSubmit(form, t.doing, async () => {
		const { people, here } = await api.say(room.id, {
			text: text.value,
			to: to ?? (whom.value === 'all' ? 'all' : (room.steps[Number(whom.value)] ?? 'all')),
		});
		text.value = '';
		sent.textContent = people === 0 ? t.saidToNobody : fill(t.saidTo, { people, open: counted(here, t.onePageOpen, t.manyPagesOpen) });
	});
	return form;
}
