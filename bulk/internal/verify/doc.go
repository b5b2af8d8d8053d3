// Package verify reads the objects of a shard and writes the line of each.
//
// It reads no further than the verdict needs: no byte of an object that is empty or too large, the
// first 4 KiB of one that is no picture, all of what claims to be one. Behind a network these are
// two ranged reads, since a reader that is closed early has more under way than was read. Both
// must see the same state of the object.
//
// An error of the store is tried again, with growing pauses. What remains is told apart: if other
// objects could be read, the fault is the object's, and it gets a line with a failure; if
// none could, the fault is the store's, and there is no part at all.
package verify
