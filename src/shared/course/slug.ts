import { z } from 'zod';

/** Names of courses, lessons and steps: they stand in addresses, folder names and registry names. */
export const slugSchema = z
	.string()
	.regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'small letters, digits and single hyphens, such as "first-container"')
	.max(60);
