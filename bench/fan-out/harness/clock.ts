/** The time in ms, to fractions of one, alike in all processes of this machine. */
export const now = (): number => performance.timeOrigin + performance.now();
