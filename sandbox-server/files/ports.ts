/** What the transport asks of the files, as an interface. */
import type { Language } from '../../src/shared/language.ts';
import type { FileReport, FilesReport } from '../../src/shared/protocol/api.ts';
import type { Lab } from '../labs/lab.ts';

/** What is asked about at once: paths of folders ("" is the lesson's own) and of files. */
export interface Glanced {
	folders: readonly string[];
	files: readonly string[];
}

/** Texts in the lesson's working folder. @throws Refusal no-sandbox, sandbox-busy, too-many, and those that begin with "file-" */
export interface Files {
	look(lab: Lab, lesson: string, path: string, language: Language): Promise<FileReport>;
	/** What is in folders, and the marks of files. What is wrong with one of them stands in its own report. */
	glance(lab: Lab, lesson: string, glanced: Glanced, language: Language): Promise<FilesReport>;
	/** Puts a text in place, or with `null` takes the file away, if what is there is what `mark` stands for. */
	write(lab: Lab, lesson: string, file: FileReport, language: Language): Promise<FileReport>;
}
