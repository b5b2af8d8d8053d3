package hevc

// place is a CTB: its address in CTBs, and its tile's number in tile scan.
type place struct{ tile, x, y int }

// tiling walks the CTBs of a picture in tile scan (6.5.1), without tables that
// grow with the picture.
type tiling struct {
	colBounds, rowBounds [maxTiles + 1]uint16 // tile boundaries in CTBs
	tileCols, tileRows   int

	at              place // the CTB to be parsed next
	left, right     int   // the columns of its tile
	top, bottom     int   // the rows of its tile
	done            bool  // every CTB was parsed
	newTile, newRow bool  // at is the first CTB of a tile; of a row of a tile
}

// setTiles starts a picture of s and p. It returns false if the tiles do not fit.
func (t *tiling) setTiles(s *SPS, p *pps) bool {
	t.tileCols, t.tileRows, t.done = p.tileCols, p.tileRows, false
	ok := tileBounds(&t.colBounds, p.tileCols, s.ctbCols, p.colWidth) &&
		tileBounds(&t.rowBounds, p.tileRows, s.ctbRows, p.rowHeight)
	t.enter(0)
	return ok
}

// enter goes to the first CTB of a tile.
func (t *tiling) enter(tile int) {
	col, row := tile%t.tileCols, tile/t.tileCols
	t.left, t.right = int(t.colBounds[col]), int(t.colBounds[col+1])
	t.top, t.bottom = int(t.rowBounds[row]), int(t.rowBounds[row+1])
	t.at = place{tile, t.left, t.top}
	t.newTile, t.newRow = true, true
}

// next goes to the next CTB.
func (t *tiling) next() {
	t.newTile, t.newRow = false, false
	if t.at.x++; t.at.x < t.right {
		return
	}
	t.at.x, t.newRow = t.left, true
	if t.at.y++; t.at.y < t.bottom {
		return
	}
	if t.at.tile+1 == t.tileCols*t.tileRows {
		t.done = true
		return
	}
	t.enter(t.at.tile + 1)
}

// available tells whether the CTB at x, y, of the tile that is being parsed and
// before at, belongs to the slice that starts at from (6.4.1).
func (t *tiling) available(x, y int, from place) bool {
	if x < t.left || x >= t.right || y < t.top {
		return false
	}
	return from.tile < t.at.tile || y > from.y || y == from.y && x >= from.x
}
