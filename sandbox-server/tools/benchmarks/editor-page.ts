/** What runs in a lesson's page: it is sent there as text, so it may use nothing but its parameter and what every page has. */

export interface EditorRequest {
	course: string;
	lesson: string;
	/** Of the large files; a small one has a line. */
	bytes: number;
	runs: number;
}

/** ms from the click on a file's name until its text has been painted, of each file. */
export interface EditorResult {
	large: number[];
	small: number[];
}

/** Puts files into the learner's folder, and opens each by its name in the tree. */
export async function openFilesInPage({ course, lesson, bytes, runs }: EditorRequest): Promise<EditorResult> {
	const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
	const until = async <T>(what: string, look: () => T | undefined | null | false): Promise<T> => {
		for (let tries = 0; tries < 4000; tries++) {
			const found = look();
			if (found) return found;
			await pause(25);
		}
		throw new Error(`no ${what} in the page`);
	};
	const put = async (path: string, text: string): Promise<void> => {
		for (let tries = 0; ; tries++) {
			const answer = await fetch(`/api/lessons/${course}/${lesson}/file?language=en`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ path, text, mark: 'none' }),
			});
			if (answer.ok) return;
			// Until the sandbox is there.
			if (tries > 600) throw new Error(`${path} could not be written: ${answer.status} ${await answer.text()}`);
			await pause(200);
		}
	};
	const first = (name: string) => `the first line of ${name}`;
	const names = (size: string) => Array.from({ length: runs }, (_, run) => `${size}-${run}.txt`);
	await until('terminal at its prompt', () => (document.querySelector('lab-terminal') as { live?: boolean } | null)?.live);
	for (const name of ['warm.txt', ...names('small')]) await put(name, `${first(name)}\n`);
	for (const name of names('large'))
		await put(name, `${first(name)}\n${'another line, as they are in a log of some job\n'.repeat(bytes)}`.slice(0, bytes));
	(await until('tab of files', () => document.querySelector<HTMLElement>('#tab-files'))).click();
	const item = (name: string) => until(`file ${name}`, () => document.querySelector<HTMLElement>(`[role=treeitem][data-path="${name}"]`));
	const open = async (name: string): Promise<number> => {
		const element = await item(name);
		await pause(300);
		const begun = performance.now();
		element.click();
		return new Promise((resolve, reject) => {
			const look = () => {
				if (performance.now() - begun > 60_000) return reject(new Error(`${name} does not open`));
				if (!document.querySelector('.cm-content')?.textContent?.includes(first(name))) return requestAnimationFrame(look);
				// The next task comes after the frame with the text has been painted.
				return requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begun)));
			};
			look();
		});
	};
	// The editor itself is loaded with the first file.
	await open('warm.txt');
	const result: EditorResult = { large: [], small: [] };
	for (const [run, name] of names('large').entries()) {
		result.small.push(await open(names('small')[run] ?? ''));
		result.large.push(await open(name));
	}
	return result;
}
