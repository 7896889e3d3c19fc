/**
 * The frame of a lesson: width and fold of the dock, the sheet on narrow screens, the sidebar, the list of steps. What is chosen is
 * kept in this browser (`etabli-layout`); a script in the page's head applies it before the first paint.
 */
const wide = matchMedia('(min-width: 62.5rem)');
const root = document.documentElement;

export interface Layout {
	/** The terminals are in sight. */
	readonly open: boolean;
	/** Brings the terminals in sight: unfolds the dock, or opens the sheet. */
	show(): void;
	/** Calls `listener` whenever `open` may have changed. */
	onChange(listener: () => void): void;
}

interface Kept {
	dock?: string;
	nav?: string;
	width?: number;
}

function keep(change: Kept): void {
	try {
		const before = JSON.parse(localStorage.getItem('etabli-layout') ?? '{}') as Kept;
		localStorage.setItem('etabli-layout', JSON.stringify({ ...before, ...change }));
	} catch {
		// Storage may be forbidden: then the choice lasts as long as the page.
	}
}

/** Makes the buttons and separators of the frame work, for as long as the page lives. */
export function watchLayout(frame: HTMLElement): Layout {
	const listeners: (() => void)[] = [];
	const find = (selector: string) => frame.querySelector<HTMLElement>(selector);
	const fold = find('[data-fold]');
	const unfold = find('[data-unfold]');
	const isOpen = () => (wide.matches ? root.dataset.dock !== 'closed' : root.dataset.sheet === 'open');
	const tell = () => {
		const label = fold?.dataset.labels?.split('|')[Number(isOpen())];
		if (fold && label) fold.title = label;
		if (label) fold?.setAttribute('aria-label', label);
		fold?.setAttribute('aria-expanded', String(isOpen()));
		unfold?.setAttribute('aria-expanded', String(isOpen()));
		for (const listener of listeners) listener();
	};
	const setOpen = (open: boolean) => {
		if (wide.matches) {
			root.dataset.dock = open ? 'open' : 'closed';
			keep({ dock: root.dataset.dock });
		} else root.dataset.sheet = open ? 'open' : 'closed';
		tell();
	};
	fold?.addEventListener('click', () => {
		setOpen(!isOpen());
		if (!wide.matches) unfold?.focus();
	});
	unfold?.addEventListener('click', () => {
		setOpen(true);
		fold?.focus();
	});
	wide.addEventListener('change', tell);
	tell();

	watchNav(find('.nav-toggle'));
	watchPanel(find('.steps-toggle'), find('#steps-panel'));
	const separator = find('.dock-separator');
	if (separator) watchSeparator(separator, tell);
	watchKeyboard();
	return {
		get open() {
			return isOpen();
		},
		show: () => {
			if (!isOpen()) setOpen(true);
		},
		onChange: (listener) => listeners.push(listener),
	};
}

/** The links to the terminal, for the keyboard (the page's first, and each step's): to where one types when a terminal is there, to the dock otherwise. */
export function watchSkipLink(frame: HTMLElement, layout: Layout): void {
	document.addEventListener('click', (event) => {
		if (!(event.target as Element).closest('.skip-terminal, .to-terminal')) return;
		event.preventDefault();
		layout.show();
		(frame.querySelector<HTMLElement>('lab-terminal:not([hidden]) textarea') ?? frame.querySelector<HTMLElement>('#dock'))?.focus();
	});
}

function watchNav(button: HTMLElement | null): void {
	const roomy = matchMedia('(min-width: 87.5rem)');
	const isOpen = () => (root.dataset.nav ?? (roomy.matches ? 'open' : 'closed')) === 'open';
	button?.setAttribute('aria-expanded', String(isOpen()));
	button?.addEventListener('click', () => {
		root.dataset.nav = isOpen() ? 'closed' : 'open';
		keep({ nav: root.dataset.nav });
		button.setAttribute('aria-expanded', String(isOpen()));
		dispatchEvent(new Event('resize'));
	});
}

/** The list of steps is a copy of the sidebar's, made when it is first asked for. */
function watchPanel(button: HTMLElement | null, panel: HTMLElement | null): void {
	if (!button || !panel) return;
	const set = (open: boolean) => {
		const list = document.querySelector('.course-nav .step-list');
		if (open && list) panel.replaceChildren(list.cloneNode(true));
		panel.hidden = !open;
		button.setAttribute('aria-expanded', String(open));
	};
	button.addEventListener('click', () => set(panel.hidden === true));
	panel.addEventListener('click', (event) => (event.target as Element).closest('a') && set(false));
	document.addEventListener('click', (event) => {
		if (!panel.hidden && !panel.parentElement?.contains(event.target as Node)) set(false);
	});
	panel.parentElement?.addEventListener('keydown', (event) => {
		if (event.key !== 'Escape' || panel.hidden) return;
		set(false);
		button.focus();
	});
}

function watchSeparator(separator: HTMLElement, tell: () => void): void {
	const standard = 0.5;
	const show = (share: number) => {
		root.style.setProperty('--dock-share', share.toFixed(3));
		separator.setAttribute('aria-valuenow', String(Math.round(share * 100)));
	};
	const set = (share: number) => {
		const bounded = Math.min(0.75, Math.max(0.25, share));
		show(bounded);
		keep({ width: bounded });
		tell();
	};
	const current = () => Number.parseFloat(getComputedStyle(root).getPropertyValue('--dock-share')) || standard;
	show(current());
	separator.addEventListener('pointerdown', (event) => {
		separator.setPointerCapture(event.pointerId);
		separator.classList.add('moving');
		event.preventDefault();
	});
	separator.addEventListener('pointermove', (event) => {
		if (!separator.hasPointerCapture(event.pointerId)) return;
		const sidebar = Number.parseFloat(getComputedStyle(document.querySelector('.main-frame') ?? root).paddingInlineStart) || 0;
		set((innerWidth - event.clientX) / (innerWidth - sidebar));
	});
	separator.addEventListener('lostpointercapture', () => separator.classList.remove('moving'));
	separator.addEventListener('dblclick', () => set(standard));
	separator.addEventListener('keydown', (event) => {
		const step = event.shiftKey ? 0.1 : 0.02;
		const shares: Record<string, number> = {
			ArrowLeft: current() + step,
			ArrowRight: current() - step,
			Home: 0.25,
			End: 0.75,
			Enter: standard,
		};
		const share = shares[event.key];
		if (share === undefined) return;
		event.preventDefault();
		set(share);
	});
}

/** On telephones the on-screen keyboard covers the page: the sheet stands on top of it. */
function watchKeyboard(): void {
	const viewport = window.visualViewport;
	if (!viewport) return;
	const update = () => {
		const hidden = Math.max(0, innerHeight - viewport.height - viewport.offsetTop);
		root.style.setProperty('--keyboard', `${Math.round(hidden)}px`);
		root.style.setProperty('--visible-height', `${Math.round(viewport.height)}px`);
	};
	viewport.addEventListener('resize', update);
	viewport.addEventListener('scroll', update);
}
