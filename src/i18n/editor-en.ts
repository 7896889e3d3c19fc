/** What the file editor beside the terminal says, in English. */
import { type EditorStrings, editorFr } from './editor-fr.ts';

/** CodeMirror speaks English by itself. */
const phrases = Object.fromEntries(Object.keys(editorFr.phrases).map((phrase) => [phrase, phrase])) as EditorStrings['phrases'];

export const editorEn: EditorStrings = {
	tree: 'The lesson’s files',
	showTree: 'List of files',
	newFile: 'New file',
	newName: 'Name of the new file, from the lesson’s folder',
	create: 'Create',
	badName:
		'That name will not do: write a path from the lesson’s folder, without / at its beginning or end, without “..”, for example data/hello.py.',
	cancel: 'Cancel',
	openFiles: 'Open files',
	closeFile: 'Close {file}',
	unsavedName: '{file}, not saved',
	textOf: 'Text of {file}',
	leave: 'Escape, then Tab: leave the editor',
	save: 'Save',
	find: 'Search in the file',
	nothingOpen: 'Choose a file of the list, or make one.',
	emptyFolder: 'The folder is empty.',
	more: 'This folder has more than {n} files: the others can be seen in the terminal (ls).',
	unshown: 'Files whose name cannot be shown: {n}.',
	loading: 'One moment…',
	tooMany: 'Sixteen files are open already: close one of them.',

	newText: 'New file: it will be made when you save it.',
	unsaved: 'Not saved.',
	saving: 'Saving…',
	saved: 'Saved.',
	savedAlready: 'Nothing to save: the file holds this text already.',
	kept: '{reason} Your text stays here.',
	notKept: 'This browser cannot keep this text: save it before you leave the page.',
	taken: '{file} has changed in the workbench: this is what it holds now.',
	gone: '{file} is no longer in the workbench. Its text stays here; saving makes it again.',
	restored: 'Unsaved text of your last visit, found again: {file}.',
	conflict: '{file} has changed in the workbench, and your text is not saved. This is what your text would change there:',
	keepMine: 'Save my text',
	takeTheirs: 'Take that of the workbench',
	later: 'Go on without saving',
	conflictLeft: 'The file has changed in the workbench: saving will show you the difference.',
	closing: '{file} is not saved.',
	discard: 'Close without saving',
	keepOpen: 'Do not close',
	missing: '{file} is not there yet, in the lesson’s folder. First do what makes it, or create it (“New file”).',

	phrases,
};
