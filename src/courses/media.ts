/** What texts show and point at: pictures of the course, pages, other sites. Nothing leads out of the course, and nothing runs. */
import { join } from 'node:path';
import { decoded } from '../shared/decoded.ts';
import { type FileFault, isThere, outsideFault } from './course-file.ts';
import { isFolder } from './folders.ts';
import type { TextPlace } from './lesson-data.ts';

/** Other endings would be taken for programs or data by the site's build. */
const pictures = /\.(?:png|jpe?g|gif|webp|avif|svg)$/i;

/** What is wrong with the address of a picture; undefined: nothing. @param target as it stands in the text */
export function pictureFault(target: string, { folder, course }: TextPlace): FileFault | undefined {
	const remedy = 'Put the picture beside this text, and write its name: ![what it shows](picture.png).';
	if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target))
		return { what: `The image ${target} is not part of the course: pages do not load it.`, remedy };
	if (target.startsWith('/')) return { what: `The image ${target} is looked for outside of the course.`, remedy };
	if (!pictures.test(target))
		return { what: `${target} is no image that pages show.`, remedy: 'They show .png, .jpg, .gif, .webp, .avif and .svg.' };
	const path = join(folder, decoded(target) ?? target);
	if (!isThere(path))
		return { what: `The image ${target} does not exist.`, remedy: 'Put it beside this text, or correct the name (capital letters count).' };
	if (isFolder(path)) return { what: `The image ${target} is a folder.`, remedy };
	return outsideFault(path, course);
}

/** What keeps a browser from following a link; undefined: nothing. Whether the page is there, lint says. */
export function linkFault(target: string): FileFault | undefined {
	// Browsers leave blanks and control characters out.
	const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(target.replace(/[\0-\x20]/g, ''))?.[1]?.toLowerCase();
	if (scheme === undefined || ['http', 'https', 'mailto', 'tel'].includes(scheme)) return undefined;
	return { what: `Browsers do not open ${target}.`, remedy: 'Write an address that begins with https://, or a path such as ../lesson/.' };
}
