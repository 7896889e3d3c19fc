/** The recordings of lessons, as they lie there: once for both languages. */
import { readFileSync } from 'node:fs';
import type { APIRoute } from 'astro';
import { castFiles } from '../../../../site/lesson-cast.ts';

export const getStaticPaths = castFiles;

export const GET: APIRoute<{ path: string }> = ({ props }) => new Response(readFileSync(props.path));
