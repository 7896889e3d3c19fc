/** What a class did, to be taken away: one link for each form. */
import { downloadLink, make } from '../dom.ts';
import type { PageContext } from './context.ts';
import { openDialog } from './form-parts.ts';

/** @param room its id */
export function openResults({ t, language }: PageContext, room: string): void {
	const { dialog, body } = openDialog(t.resultsTitle, t.close);
	const link = (path: string, label: string, name?: string) =>
		make('li', {}, downloadLink(`/api/rooms/${room}/${path}`, name ?? '', {}, label));
	const inLanguage = (path: string, label: string) => link(`${path}?language=${language}`, label);
	body.append(
		make('p', {}, t.resultsText),
		make(
			'ul',
			{ class: 'results' },
			inLanguage('results.csv', t.resultsCsv),
			link('results', t.resultsJson, `room-${room}.json`),
			link('results.xapi.json', t.resultsXapi),
			inLanguage('steps.csv', t.resultsSteps),
			inLanguage('cards.csv', t.cardsFile),
		),
	);
	dialog.showModal();
}
