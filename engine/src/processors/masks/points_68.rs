//! The 68 points of the iBUG annotation out of the 478-point mesh.

use crate::faces::landmarks::Landmarks;
use crate::imaging::similarity::Point;

/// How many points there are.
pub const COUNT: usize = 68;

/// The mesh's points whose mean is each of the 68, in iBUG's order: jaw 0–16 and brows 17–26 from
/// the picture's left to its right, bridge and foot of the nose 27–35, eyes 36–47, outer lips
/// 48–59, inner lips 60–67.
///
/// The correspondence is Peizhi Yan's (Mediapipe_2_Dlib_Landmarks, 2024).
const OF_MESH: [[usize; 2]; COUNT] = {
    const fn one(i: usize) -> [usize; 2] {
        [i, i]
    }
    [
        one(127),
        one(234),
        one(93),
        [132, 58],
        [58, 172],
        one(136),
        one(150),
        one(176),
        one(152),
        one(400),
        one(379),
        one(365),
        [397, 288],
        one(361),
        one(323),
        one(454),
        one(356),
        one(156),
        one(63),
        one(105),
        one(66),
        one(107),
        one(336),
        one(296),
        one(334),
        one(293),
        one(383),
        [168, 6],
        [197, 195],
        one(5),
        one(4),
        one(98),
        one(97),
        one(2),
        one(326),
        one(327),
        one(33),
        one(160),
        one(158),
        one(133),
        one(153),
        one(144),
        one(362),
        one(385),
        one(387),
        one(263),
        one(373),
        one(380),
        one(61),
        one(39),
        one(37),
        one(0),
        one(267),
        one(269),
        one(291),
        one(321),
        one(314),
        one(17),
        one(84),
        one(91),
        one(78),
        one(82),
        one(13),
        one(312),
        one(308),
        one(317),
        one(14),
        one(87),
    ]
};

/// The 68 points of a mesh, in frame pixels.
pub fn of_mesh(mesh: &Landmarks) -> Vec<Point> {
    OF_MESH.iter().map(|indices| mesh.center_of(indices)).collect()
}
