import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeHub } from '../../room/fake-hub.fake.js';
import { Room } from '../../room/room.js';
import '../rooms.js';
import { expectAccessible } from '../testing.fake.js';
import type { UnderpaintPeople } from './underpaint-people.js';

const LINE = { kind: 'line', color: '#ff0000', size: 4, opacity: 1, from: [0, 0], to: [9, 9] } as const;

describe('<underpaint-people>', () => {
  let hub: FakeHub;
  let ada: Room;
  let ben: Room;
  let benNumber: number;
  let people: UnderpaintPeople;

  beforeEach(async () => {
    hub = new FakeHub();
    [ada, ben] = [person('Ada'), person('Ben')];
    hub.enter(ada, 'owner');
    benNumber = hub.enter(ben);
    for (let count = 0; count < 3; count++) ben.drawing.add(LINE);
    await show(ada);
  });
  afterEach(() => {
    people.remove();
    for (const room of [ada, ben]) room.close();
  });

  function person(name: string): Room {
    return new Room({ key: 'key', self: { name, colour: 1, cursor: null, isDrawing: false, move: null, view: '' } });
  }

  async function show(room: Room): Promise<void> {
    people = Object.assign(document.createElement('underpaint-people'), { room });
    document.body.append(people);
    await people.updateComplete;
  }

  const button = (words: RegExp) =>
    [...people.renderRoot.querySelectorAll('button')].find((each) => words.test(each.ariaLabel ?? each.textContent));

  async function press(words: RegExp): Promise<void> {
    button(words)!.click();
    await people.updateComplete;
  }

  it('lets the owner take back marks and remove a person, by buttons that are large enough and have names', async () => {
    await press(/about Ben/);
    await expectAccessible(people);
    for (const each of people.renderRoot.querySelectorAll<HTMLElement>('.more, .actions button')) {
      expect(each.getBoundingClientRect().height, each.textContent.trim()).toBeGreaterThanOrEqual(40);
    }
    await press(/newest mark/);
    expect(button(/Undo all marks \(2\)/)).toBeDefined();
    await press(/Remove/);
    const asked = hub.sent.map(({ message }) => message);
    expect(asked).toContainEqual({ type: 'role', remove: benNumber });
    hub.leave(benNumber);
    await people.updateComplete;
    expect(people.renderRoot.querySelector('.gone')!.textContent).toContain('has left');
    expect(button(/Remove/)).toBeUndefined();
    await press(/Undo all marks/);
    expect(ada.drawing.state.marks).toEqual([]);
    expect(people.renderRoot.querySelector('.gone')).toBeNull();
  });

  it('offers none of this to others', async () => {
    people.remove();
    await show(ben);
    expect(people.renderRoot.querySelector('.more, input[type=checkbox]')).toBeNull();
  });
});
