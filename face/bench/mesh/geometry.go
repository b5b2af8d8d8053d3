package mesh

import (
	"encoding/binary"
	"errors"
	"math"
)

// meshPoints is how many points the mesh has.
const meshPoints = 468

// point is a point of the canonical face that the pose is fitted to, in centimetres: x to
// the person's left, y up, z out of the face.
type point struct {
	index  int // in the mesh
	at     vector
	weight float32
}

// readGeometry reads MediaPipe's GeometryPipelineMetadata (geometry_pipeline_metadata.proto): the
// canonical mesh in field 1, and in each field 2 a point of the fit and its weight.
func readGeometry(b []byte) ([]point, error) {
	var mesh []float32 // five numbers a vertex: position and texture
	var points []point
	err := fields(b, func(number int, _ uint64, part []byte) error {
		switch number {
		case 1: // Mesh3d: vertex_buffer in field 3
			return fields(part, func(number int, v uint64, _ []byte) error {
				if number == 3 {
					mesh = append(mesh, math.Float32frombits(uint32(v)))
				}
				return nil
			})
		case 2: // WeightedLandmarkRef: landmark_id, weight
			var p point
			err := fields(part, func(number int, v uint64, _ []byte) error {
				switch number {
				case 1:
					p.index = int(v)
				case 2:
					p.weight = math.Float32frombits(uint32(v))
				}
				return nil
			})
			points = append(points, p)
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(mesh) != 5*meshPoints || len(points) == 0 {
		return nil, errors.New("not a mesh of 468 points")
	}
	for i, p := range points {
		if p.index < 0 || p.index >= meshPoints {
			return nil, errors.New("a fit to points that the mesh has not")
		}
		v := mesh[5*p.index:]
		points[i].at = vector{float64(v[0]), float64(v[1]), float64(v[2])}
	}
	return points, nil
}

// fields calls f for each field of a protocol buffer: with its number, and its value or bytes.
func fields(b []byte, f func(number int, v uint64, part []byte) error) error {
	bad := errors.New("not a protocol buffer")
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			return bad
		}
		b = b[n:]
		var v uint64
		var part []byte
		switch key & 7 {
		case 0, 2:
			if v, n = binary.Uvarint(b); n <= 0 {
				return bad
			}
			if b = b[n:]; key&7 == 2 {
				if v > uint64(len(b)) {
					return bad
				}
				part, b = b[:v], b[v:]
			}
		case 5:
			if len(b) < 4 {
				return bad
			}
			v, b = uint64(binary.LittleEndian.Uint32(b)), b[4:]
		default:
			return bad
		}
		if err := f(int(key>>3), v, part); err != nil {
			return err
		}
	}
	return nil
}
