import { defineComponent } from 'tracewright/component';
import { ball } from './ball.ts';

/** Plays every ball back. */
export const pong = defineComponent({
  name: 'pong',
  doc: 'Plays every ball back.',
  interests: { ping: ball },
  aspects: { pong: ball },
  bootstrap(_lifecycle, link) {
    link.subscribe('ping', ({ payload }) => link.publish('pong', payload));
  },
});
