/** /etc/passwd and /etc/group of a sandbox whose learner has another number than the image says. */

/** Texts of the two files. */
export interface Accounts {
	passwd: string;
	group: string;
}

const learner = 'learner';

/** Those of the image with the learner's number in place of the image's; where the image has no learner, one is added. Pure. */
export function accountsWith(image: Accounts, id: number): Accounts {
	return {
		passwd: replaced(image.passwd, `${learner}:x:${id}:${id}::/home/learner:/bin/bash`, (fields) =>
			fields.with(2, `${id}`).with(3, `${id}`),
		),
		group: replaced(image.group, `${learner}:x:${id}:`, (fields) => fields.with(2, `${id}`)),
	};
}

function replaced(text: string, otherwise: string, change: (fields: string[]) => string[]): string {
	const lines = text.split('\n').filter((line) => line !== '');
	const at = lines.findIndex((line) => line.startsWith(`${learner}:`));
	const fields = lines[at]?.split(':') ?? [];
	const own = fields.length >= 4 ? change(fields).join(':') : otherwise;
	return `${(at < 0 ? [...lines, own] : lines.with(at, own)).join('\n')}\n`;
}
