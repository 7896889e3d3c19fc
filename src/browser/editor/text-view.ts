/** The editor proper: CodeMirror, one view for all open files, a state for each. Loaded when the files are first opened. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { openSearchPanel, search, searchKeymap } from '@codemirror/search';
import { Annotation, EditorState, type Extension, type Text } from '@codemirror/state';
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { EditorStrings } from '../../i18n/editor-fr.ts';
import { fill } from '../../shared/fill.ts';
import { languageOf } from './languages.ts';

/** A change that the learner has not typed. */
const ours = Annotation.define<boolean>();

const colours = HighlightStyle.define([
	{ tag: [tags.keyword, tags.meta], color: 'var(--code-keyword)' },
	{ tag: [tags.comment], color: 'var(--code-comment)', fontStyle: 'italic' },
	{ tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
	{ tag: [tags.number, tags.atom, tags.bool], color: 'var(--code-number)' },
	{ tag: [tags.propertyName, tags.attributeName, tags.definition(tags.variableName)], color: 'var(--code-property)' },
	{ tag: [tags.standard(tags.variableName), tags.special(tags.variableName)], color: 'var(--code-builtin)' },
]);

interface TextViewActions {
	/** The learner has changed the text of that file. */
	edited(path: string): void;
	save(): void;
	/** Escape, then Tab: the keyboard leaves. @param back with Shift */
	leave(back: boolean): void;
}

export class TextView {
	readonly #t: EditorStrings;
	readonly #view: EditorView;
	readonly #actions: TextViewActions;
	/** Of files that are not in sight. */
	readonly #states = new Map<string, EditorState>();
	#path = '';
	#escaped = false;

	constructor(place: HTMLElement, t: EditorStrings, actions: TextViewActions) {
		this.#t = t;
		this.#actions = actions;
		this.#view = new EditorView({ parent: place });
		// Before CodeMirror, which lets Tab go on to the next element for two seconds after Escape.
		place.addEventListener('keydown', (event) => this.#key(event), { capture: true });
	}

	/** Takes a file in; it is not shown by that. */
	add(path: string, text: string): void {
		this.#states.set(path, this.#stateOf(path, text));
	}

	/** @param path of a file that has been taken in */
	show(path: string): void {
		if (path === this.#path) return;
		const state = this.#states.get(path);
		if (!state) return;
		if (this.#path) this.#states.set(this.#path, this.#view.state);
		this.#path = path;
		this.#view.setState(state);
	}

	remove(path: string): void {
		this.#states.delete(path);
		if (path === this.#path) this.#path = '';
	}

	/** As it would be written. */
	text(path: string): string {
		const state = this.#state(path);
		return state ? state.sliceDoc() : '';
	}

	/** The text has become another one. It is one step of the history: the learner can take it back. */
	replace(path: string, text: string): void {
		const state = this.#state(path);
		if (!state) return;
		const next = state.toText(text);
		// Other line ends than before are another way to write it.
		const other = next.sliceString(0, next.length, state.lineBreak) !== text;
		const updated = other ? this.#stateOf(path, text) : state.update({ changes: difference(state.doc, next), annotations: ours.of(true) });
		if (!(updated instanceof EditorState) && path === this.#path) return this.#view.dispatch(updated);
		const after = updated instanceof EditorState ? updated : updated.state;
		if (path === this.#path) this.#view.setState(after);
		else this.#states.set(path, after);
	}

	/** Puts the cursor at the beginning of that line, from 1; the last one when there are fewer. */
	goTo(line: number): void {
		const { doc } = this.#view.state;
		const { from } = doc.line(Math.min(Math.max(1, line), doc.lines));
		this.#view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
	}

	search(): void {
		openSearchPanel(this.#view);
	}

	focus(): void {
		this.#view.focus();
	}

	#state(path: string): EditorState | undefined {
		return path === this.#path ? this.#view.state : this.#states.get(path);
	}

	#stateOf(path: string, text: string): EditorState {
		const { language, indent } = languageOf(path, text);
		const { edited, save } = this.#actions;
		return EditorState.create({
			doc: text,
			extensions: [
				...lineEnds(text),
				lineNumbers(),
				highlightSpecialChars(),
				history(),
				drawSelection(),
				bracketMatching(),
				search({ top: true }),
				syntaxHighlighting(colours),
				...(language ? [language] : []),
				indentUnit.of(indent),
				EditorState.tabSize.of(4),
				EditorState.phrases.of(this.#t.phrases),
				// The keyboard comes to it without that; checkers of accessibility look for it.
				EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': `${fill(this.#t.textOf, { file: path })}. ${this.#t.leave}` }),
				keymap.of([
					{
						key: 'Mod-s',
						run: () => {
							save();
							return true;
						},
					},
					...searchKeymap,
					...historyKeymap,
					...defaultKeymap,
					indentWithTab,
				]),
				EditorView.updateListener.of((update) => {
					if (update.docChanged && !update.transactions.some((transaction) => transaction.annotation(ours))) edited(path);
				}),
			],
		});
	}

	/** As in the terminal: Escape, then Tab. */
	#key(event: KeyboardEvent): void {
		if (event.target !== this.#view.contentDOM) return;
		const leaves = event.key === 'Tab' && this.#escaped;
		if (!['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) this.#escaped = event.key === 'Escape';
		if (!leaves) return;
		event.preventDefault();
		event.stopPropagation();
		this.#actions.leave(event.shiftKey);
	}
}

const lineEnd = (text: string): string => (/(^|[^\r])\n/.test(text) ? '\n' : '\r\n');

/**
 * A text is written as it was read: where it has a carriage return, only its own line end parts lines, and what is pasted gets that. Without
 * one, everything that parts lines does.
 */
function lineEnds(text: string): Extension[] {
	if (!text.includes('\r')) return [];
	const own = lineEnd(text);
	return [EditorState.lineSeparator.of(own), EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?|\n/g, own))];
}

/** One change that makes the one of the other: what is the same at the beginning and at the end stays, and the cursor in it. */
function difference(before: Text, after: Text): { from: number; to: number; insert: Text } {
	const [old, text] = [before.toString(), after.toString()];
	const shorter = Math.min(old.length, text.length);
	let from = 0;
	while (from < shorter && old[from] === text[from]) from++;
	let end = 0;
	while (end < shorter - from && old[old.length - 1 - end] === text[text.length - 1 - end]) end++;
	return { from, to: old.length - end, insert: after.slice(from, text.length - end) };
}
