/** What a trainer does with the room itself: open, close, edit, copy, invite, erase. */
import { fill } from '../../shared/fill.ts';
import { pageAddress } from '../../shared/page-names.ts';
import { button, make } from '../dom.ts';
import type { PageContext } from './context.ts';
import { field, onSubmit, openDialog } from './form-parts.ts';
import { moment } from './format.ts';
import { openResults } from './results-dialog.ts';
import type { RoomView } from './room-api.ts';
import { problemsOf, roomForm } from './room-form.ts';

const year = 364 * 24 * 3600_000;

export interface Manager {
	context: PageContext;
	/** As it is now. */
	room(): RoomView;
	/** It has been changed. */
	changed(room: RoomView): void;
}

/** The buttons that fit the room's state. */
export function manageButtons(manager: Manager): HTMLElement[] {
	const { context, room, changed } = manager;
	const { t, api, language } = context;
	const { id, state } = room();
	const said = make('span', { role: 'alert', class: 'room-said' });
	const doing = (work: Promise<RoomView>) =>
		void work.then(changed).catch((error: Error) => {
			said.textContent = error.message;
		});
	const main =
		state === 'open'
			? button(t.closeRoom, () => doing(api.close(id)), { title: t.closeRoomText })
			: button(t.openRoom, () => doing(api.open(id)), { class: 'button primary' });
	return [
		main,
		make(
			'a',
			{ class: 'button', href: `${pageAddress('projector', language)}?room=${id}`, target: '_blank', rel: 'noopener' },
			t.projectorTitle,
		),
		button(t.editRoom, () => openEdit(manager), { 'aria-haspopup': 'dialog' }),
		button(t.copyRoom, () => openCopy(manager), { 'aria-haspopup': 'dialog' }),
		button(t.invite, () => openInvite(manager), { 'aria-haspopup': 'dialog' }),
		button(t.results, () => openResults(context, id), { 'aria-haspopup': 'dialog' }),
		button(t.eraseRoom, () => openErase(manager), { 'aria-haspopup': 'dialog' }),
		said,
	];
}

function openEdit({ context, room, changed }: Manager): void {
	const { dialog, body } = openDialog(context.t.editRoom, context.t.close);
	const form = roomForm(context, {
		room: room(),
		submit: context.t.save,
		save: async (draft) => {
			const edited = await context.api.edit(room().id, draft);
			changed(edited);
			const problems = problemsOf(context, edited);
			if (!problems) return dialog.close();
			body.querySelector('[role="alert"]')?.remove();
			body.prepend(problems);
			dialog.scrollTop = 0;
		},
	});
	body.append(form);
	dialog.showModal();
}

/** Next year's: the same hours, with nobody in it. */
function openCopy({ context, room }: Manager): void {
	const { t, api, language } = context;
	const { id, starts, ends } = room();
	const { dialog, body } = openDialog(t.copyRoom, t.close);
	const date = make('input', { type: 'date', required: true, value: new Date(starts + year).toISOString().slice(0, 10) });
	const form = make(
		'form',
		{},
		make('p', {}, t.copyText),
		field(t.fieldDate, date),
		make('button', { class: 'button primary' }, t.copyRoom),
	);
	onSubmit(form, t.doing, async () => {
		const begin = new Date(starts);
		const [y = 0, m = 1, d = 1] = date.value.split('-').map(Number);
		begin.setFullYear(y, m - 1, d);
		const copy = await api.copy(id, { starts: begin.getTime(), ends: begin.getTime() + ends - starts });
		location.assign(`${pageAddress('room', language)}?room=${copy.id}`);
	});
	body.append(form);
	dialog.showModal();
}

/** A link for one more trainer, or for a helper. */
function openInvite({ context, room }: Manager): void {
	const { t, api, language } = context;
	const { dialog, body } = openDialog(t.invite, t.close);
	const name = make('input', { type: 'text', required: true, maxlength: '200', autocomplete: 'off' });
	const role = make('select', {}, make('option', { value: 'helper' }, t.roleHelper), make('option', { value: 'trainer' }, t.roleTrainer));
	const result = make('div', { role: 'status' });
	const form = make(
		'form',
		{},
		make('p', {}, t.inviteText),
		field(t.inviteName, name),
		field(t.inviteRole, role),
		make('button', { class: 'button primary' }, t.inviteMake),
		result,
	);
	onSubmit(form, t.doing, async () => {
		const { id } = room();
		const link = await api.link(id, { role: role.value === 'trainer' ? 'trainer' : 'helper', name: name.value });
		const address = `${location.origin}${pageAddress('room', language)}?room=${id}#enter=${link.secret}`;
		const shown = make('input', { type: 'text', readonly: true, value: address });
		shown.addEventListener('focus', () => shown.select());
		result.replaceChildren(field(fill(t.inviteDone, { name: link.name, until: moment(link.expires, language) }), shown));
	});
	body.append(form);
	dialog.showModal();
}

function openErase({ context, room }: Manager): void {
	const { t, api, language } = context;
	const { id, title, erases } = room();
	const { dialog, body } = openDialog(t.eraseRoom, t.keepRoom);
	const form = make(
		'form',
		{},
		make('p', {}, fill(t.eraseText, { title, when: moment(erases, language) })),
		make('button', { class: 'button danger' }, t.eraseYes),
	);
	onSubmit(form, t.doing, async () => {
		await api.erase(id);
		location.assign(pageAddress('rooms', language));
	});
	body.append(form);
	dialog.showModal();
	// The keyboard is on what changes nothing.
	dialog.querySelector<HTMLButtonElement>(':scope > button')?.focus();
}
