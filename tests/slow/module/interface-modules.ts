/**
 * Three modules that meet in interfaces: `pots` grows plants, `garden` tends whatever has the functions of a plant, and `keeper` gives
 * the plants of the one to the other. Neither of the first two knows the other.
 */

const HEAD = `import { dag, Directory, func, object } from "@dagger.io/dagger";\n`;

export const POTS = `${HEAD}
@object()
export class Pots {
  @func() plant(name: string, leaves: number[] = [1, 2]): PotsFern { return new PotsFern(name, leaves); }
}

@object()
export class PotsFern {
  @func() name: string;
  @func() leaves: number[];
  @func() isWet: boolean = false;
  @func() soil: Directory;
  @func() layers: Directory[] = [];
  private guests: PotsBee[] = [];
  private friends: Visitor[] = [];

  constructor(name: string, leaves: number[]) {
    this.name = name;
    this.leaves = leaves;
    this.soil = dag.directory().withNewFile(name, "");
  }

  @func() water(): void {}
  @func() height(): number { return this.leaves.length; }
  @func() names(): string[] { return [this.name, this.name.toUpperCase()]; }
  @func() called(name: string): PotsFern { return this.copy((fern) => { fern.name = name; }); }
  @func() maybeCalled(name?: string): PotsFern { return name === undefined ? this : this.called(name); }
  @func() withLeaves(leaves: number[]): PotsFern { return this.copy((fern) => { fern.leaves = leaves; }); }
  @func() wet(isWet: boolean): PotsFern { return this.copy((fern) => { fern.isWet = isWet; }); }
  @func() repotted(soil?: Directory): PotsFern { return this.copy((fern) => { fern.soil = soil ?? fern.soil; }); }
  @func() layered(layers: Directory[]): PotsFern { return this.copy((fern) => { fern.layers = layers; }); }
  @func() cutting(): PotsFern { return this.called(this.name + "let"); }
  @func() cuttings(): PotsFern[] { return [this.called(this.name + "1"), this.called(this.name + "2")]; }
  @func() bee(): PotsBee { return new PotsBee("bee of " + this.name); }
  @func() bees(): PotsBee[] { return [new PotsBee("a"), new PotsBee("b")]; }
  @func() visitedBy(bee: PotsBee): PotsFern { return this.copy((fern) => { fern.guests = [...fern.guests, bee]; }); }
  @func() visitors(): PotsBee[] { return this.guests; }
  @func() befriend(visitor: Visitor): PotsFern { return this.copy((fern) => { fern.friends = [...fern.friends, visitor]; }); }
  @func() allFriends(): Visitor[] { return this.friends; }

  private copy(change: (fern: PotsFern) => void): PotsFern {
    const fern = Object.assign(new PotsFern(this.name, this.leaves), this);
    change(fern);
    return fern;
  }
}

@object()
export class PotsBee {
  hum: string;
  constructor(hum: string) { this.hum = hum; }
  @func() async sound(): Promise<string> { return this.hum; }
}

export interface Visitor { sound: () => Promise<string>; }
`;

export const GARDEN = `${HEAD}
export interface Plant {
  water(): Promise<void>;
  name: () => Promise<string>;
  height: () => Promise<number>;
  isWet: () => Promise<boolean>;
  leaves: () => Promise<number[]>;
  names: () => Promise<string[]>;
  soil: () => Promise<Directory>;
  layers: () => Promise<Directory[]>;
  called: (name: string) => Promise<Plant>;
  maybeCalled: (name?: string) => Promise<Plant>;
  withLeaves: (leaves: number[]) => Promise<Plant>;
  wet: (isWet: boolean) => Promise<Plant>;
  repotted: (soil?: Directory) => Promise<Plant>;
  layered: (layers: Directory[]) => Promise<Plant>;
  cutting: () => Promise<Plant>;
  cuttings: () => Promise<Plant[]>;
  bee: () => Promise<Insect>;
  bees: () => Promise<Insect[]>;
  visitedBy: (bee: Insect) => Promise<Plant>;
  visitors: () => Promise<Insect[]>;
  befriend(visitor: Insect): Promise<Plant>;
  allFriends: () => Promise<Insect[]>;
}

export interface Insect { sound: () => Promise<string>; }

export type Bed = { first: Plant; rest: Plant[]; inner: Corner; corners: Corner[] };
export type Corner = { plant: Plant; plants: Plant[] };

@object()
export class Garden {
  @func() best?: Plant;
  @func() row: Plant[];
  @func() swarm: Insect[];
  @func() empty: Plant;
  private hidden: Plant;

  @func() async water(plant: Plant): Promise<void> { return plant.water(); }
  @func() async name(plant: Plant): Promise<string> { return await plant.name(); }
  @func() async height(plant: Plant): Promise<number> { return plant.height(); }
  @func() async isWet(plant: Plant): Promise<boolean> { return plant.isWet(); }
  @func() async leaves(plant: Plant): Promise<number[]> { return plant.leaves(); }
  @func() async names(plant: Plant): Promise<string[]> { return plant.names(); }
  @func() async soil(plant: Plant): Promise<Directory> { return plant.soil(); }
  @func() async layers(plant: Plant): Promise<Directory[]> { return plant.layers(); }
  @func() async called(plant: Plant, name: string): Promise<Plant> { return plant.called(name); }
  @func() async maybeCalled(plant: Plant, name?: string): Promise<Plant> { return plant.maybeCalled(name); }
  @func() async withLeaves(plant: Plant, leaves: number[]): Promise<Plant> { return plant.withLeaves(leaves); }
  @func() async wet(plant: Plant, isWet: boolean): Promise<Plant> { return plant.wet(isWet); }
  @func() async repotted(plant: Plant, soil?: Directory): Promise<Plant> { return plant.repotted(soil); }
  @func() async layered(plant: Plant, layers: Directory[]): Promise<Plant> { return plant.layered(layers); }
  @func() async cutting(plant: Plant): Promise<Plant> { return plant.cutting(); }
  @func() async cuttings(plant: Plant): Promise<Plant[]> { return plant.cuttings(); }
  @func() async bee(plant: Plant): Promise<Insect> { return plant.bee(); }
  @func() async bees(plant: Plant): Promise<Insect[]> { return plant.bees(); }
  @func() async visited(plant: Plant, by: Insect): Promise<Plant> { return plant.visitedBy(by); }
  @func() async visitors(plant: Plant): Promise<Insect[]> { return plant.visitors(); }
  @func() async befriended(plant: Plant, visitor: Insect): Promise<Plant> { return plant.befriend(visitor); }
  @func() async friends(plant: Plant): Promise<Insect[]> { return plant.allFriends(); }
  @func() async all(plants: Plant[]): Promise<string> { return (await Promise.all(plants.map((one) => one.name()))).join(); }
  @func() withBest(plant?: Plant): Garden { if (plant !== undefined) this.best = plant; return this; }
  @func() withRow(row: Plant[]): Garden { this.row = row; return this; }
  @func() withSwarm(swarm: Insect[]): Garden { this.swarm = swarm; return this; }
  @func() withHidden(plant: Plant): Garden { this.hidden = plant; return this; }
  @func() bed(plants: Plant[]): Bed {
    const corner = { plant: plants[0], plants };
    return { first: plants[0], rest: plants, inner: corner, corners: [corner] };
  }
  @func() async everything(): Promise<string[]> {
    const plants = [this.best, this.hidden, ...(this.row ?? [])].filter((one) => one !== undefined);
    const sounds = (this.swarm ?? []).map((one) => one.sound());
    return await Promise.all([...plants.map((one) => one.name()), ...sounds]);
  }
}
`;

export const KEEPER = `${HEAD}
export interface Named { name: () => Promise<string>; }
export interface Vocal { sound: () => Promise<string>; }

@object()
export class Fake { @func() async name(): Promise<string> { return "made here"; } }

@object()
export class Keeper {
  @func() kept?: Named;

  @func() async values(): Promise<string> {
    const [garden, fern] = [dag.garden(), dag.pots().plant("fern")];
    await garden.water(fern);
    const single = [await garden.name(fern), await garden.height(fern), await garden.isWet(fern)];
    const lists = [await garden.leaves(fern), await garden.names(fern)];
    const changed = garden.called(fern, "oak").wet(true).withLeaves([7, 8, 9]);
    const optional = [await garden.maybeCalled(fern).name(), await garden.maybeCalled(fern, { name: "ash" }).name()];
    return JSON.stringify([...single, ...lists, await changed.name(), await changed.isWet(), await changed.leaves(), await changed.height(), ...optional]);
  }
  @func() async folders(): Promise<string> {
    const [garden, fern] = [dag.garden(), dag.pots().plant("fern")];
    const folder = (name: string) => dag.directory().withNewFile(name, "");
    const soils = [garden.soil(fern), garden.repotted(fern).soil(), garden.repotted(fern, { soil: folder("peat") }).soil()];
    const layers = await garden.layers(garden.layered(fern, [folder("sand"), folder("clay")]));
    return (await Promise.all([...soils, ...layers].map(async (one) => (await one.entries()).join()))).join();
  }
  @func() async selves(): Promise<string> {
    const [garden, fern] = [dag.garden(), dag.pots().plant("fern")];
    const cuttings = await garden.cuttings(fern);
    return (await Promise.all([garden.cutting(fern), ...cuttings].map((one) => one.name()))).join();
  }
  @func() async others(): Promise<string> {
    const [garden, fern] = [dag.garden(), dag.pots().plant("fern")];
    const visited = garden.visited(garden.visited(fern, fern.bee()), fern.called("oak").bee());
    const befriended = garden.befriended(fern, fern.bee());
    const none = [(await garden.visitors(fern)).length, (await garden.friends(fern)).length];
    const insects = [garden.bee(fern), ...(await garden.bees(fern)), ...(await garden.visitors(visited)), ...(await garden.friends(befriended))];
    return JSON.stringify([...none, ...(await Promise.all(insects.map((one) => one.sound())))]);
  }
  @func() async fields(): Promise<string[]> {
    const fern = dag.pots().plant("fern");
    const garden = dag.garden().withBest().withBest({ plant: fern }).withBest().withHidden(fern.called("moss"));
    return await garden.withRow([fern.called("oak"), fern.called("ash")]).withSwarm([fern.bee()]).everything();
  }
  @func() async readFields(): Promise<string> {
    const fern = dag.pots().plant("fern");
    const row = await dag.garden().withRow([fern]).row();
    return [await dag.garden().withBest({ plant: fern }).best().name(), await row[0].name()].join();
  }
  @func() async bed(): Promise<string> {
    const fern = dag.pots().plant("fern");
    const bed = dag.garden().bed([fern, fern.called("oak")]);
    const corners = await bed.corners();
    const plants = [bed.first(), ...(await bed.rest()), bed.inner().plant(), ...(await bed.inner().plants()), corners[0].plant()];
    return (await Promise.all(plants.map((one) => one.name()))).join();
  }
  @func() async wrong(): Promise<string> { return await dag.garden().name(dag.directory() as any); }

  @func() plant(): Named { return dag.pots().plant("fern"); }
  @func() async plantLater(): Promise<Named> { return dag.pots().plant("fern"); }
  @func() plants(): Named[] { return [dag.pots().plant("fern"), dag.pots().plant("oak")]; }
  @func() keep(): Keeper { this.kept = dag.pots().plant("kept"); return this; }
  @func() shelf(): Shelf { return new Shelf(dag.pots().plant("shelved")); }
  @func() own(): Named { return new Fake(); }
  @func() voice(): Vocal { return dag.pots().plant("fern") as any; }
  @func() async tell(named: Named): Promise<string> { return await named.name(); }
  @func() async maybeTell(named?: Named): Promise<string> { return named === undefined ? "nobody" : await named.name(); }
}

@object()
export class Shelf {
  @func() on: Named;
  constructor(on: Named) { this.on = on; }
}
`;
