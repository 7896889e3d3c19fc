/** Recordings of terminals in lessons, in English. */
import type { CastStrings } from './cast-fr.ts';

export const castEn: CastStrings = {
	play: 'Play the recording',
	shown: 'What it shows in the end',
	controls: 'Playing the recording',
	resume: 'Play',
	pause: 'Pause',
	position: 'Position',
	close: 'Back to the text',
	failed: 'The recording does not play here: check the connection and try again. What it shows in the end is written below.',
};
