package heif

// Bounds on what a container may hold. Each is far above what cameras and
// encoders write (a 48 MP iPhone picture has some 200 items, 120 references and
// 60 properties) and keeps the worst file cheap. Past one a file is refused
// with reason too_much_work.
const (
	maxItems        = 8192  // infe entries
	maxProperties   = 16384 // boxes in ipco; ipma can name 32,767 (14496-12, 8.11.14)
	maxReferences   = 16384 // boxes in iref
	maxExtents      = 65536 // extents of all items together
	maxItemExtents  = 4096  // extents of one item
	maxMetaBoxes    = 4096  // boxes in meta
	maxBrands       = 64    // compatible brands read; the rest is ignored
	MaxDerivation   = 8     // derived items on top of each other
	maxConstruction = 4     // item_offset construction on top of itself
	maxParamSets    = 64    // NAL units in one hvcC; encoders write 3 to 5
	MaxAssociations = 64    // properties of one item
)
