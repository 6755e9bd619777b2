//! Objects and clusters that are alike, gathered.

use std::collections::HashMap;
use std::ops::Range;

use super::ObjectClusters;

/// The objects, those alike counted once: crowds answer in few combinations, and each is judged once per round.
#[derive(Default)]
pub(super) struct Patterns<'a> {
    pub crowds: Vec<Crowd<'a>>,
    /// The clusters of all crowds, those of one crowd side by side.
    pub clusters: Vec<ClusterPattern>,
    /// The workers of all clusters, one after another.
    pub members: Vec<usize>,
    /// Per object its crowd.
    pub crowd_of: Vec<usize>,
    /// Per object and cluster its pattern.
    pub pattern_of: Vec<usize>,
}

/// Workers who answered objects together.
pub(super) struct Crowd<'a> {
    pub workers: &'a [usize],
    /// How many of the objects have a mark.
    pub n_marked: f64,
    pub clusters: Range<usize>,
}

/// Workers who made the same marks among the same others.
pub(super) struct ClusterPattern {
    pub members: Range<usize>,
    pub n_clusters: f64,
}

impl<'a> Patterns<'a> {
    pub(super) fn of(objects: &'a [ObjectClusters]) -> Self {
        let mut patterns = Self::default();
        let mut crowd_of_workers: HashMap<&[usize], usize> = HashMap::new();
        for object in objects {
            let crowd = *crowd_of_workers.entry(&object.workers).or_insert(patterns.crowds.len());
            if crowd == patterns.crowds.len() {
                patterns.crowds.push(Crowd { workers: &object.workers, n_marked: 0.0, clusters: 0..0 });
            }
            patterns.crowds[crowd].n_marked += f64::from(u8::from(!object.clusters.is_empty()));
            patterns.crowd_of.push(crowd);
        }
        // The objects of one crowd after another, so that its patterns stand side by side.
        let mut order: Vec<usize> = (0..objects.len()).collect();
        order.sort_by_key(|object| patterns.crowd_of[*object]);
        let first_cluster: Vec<usize> = objects
            .iter()
            .scan(0, |n_before, object| {
                *n_before += object.clusters.len();
                Some(*n_before - object.clusters.len())
            })
            .collect();
        patterns.pattern_of = vec![0; objects.iter().map(|object| object.clusters.len()).sum()];
        let mut pattern_of_members: HashMap<Vec<usize>, usize> = HashMap::new();
        let mut sorted = Vec::new();
        for objects_of_crowd in order.chunk_by(|a, b| patterns.crowd_of[*a] == patterns.crowd_of[*b]) {
            pattern_of_members.clear();
            let first = patterns.clusters.len();
            for object in objects_of_crowd {
                for (cluster_idx, members) in objects[*object].clusters.iter().enumerate() {
                    sorted.clear();
                    sorted.extend_from_slice(members);
                    sorted.sort_unstable();
                    let pattern = pattern_of_members.get(&sorted).copied().unwrap_or_else(|| {
                        let start = patterns.members.len();
                        patterns.members.extend_from_slice(&sorted);
                        let members = start..patterns.members.len();
                        patterns.clusters.push(ClusterPattern { members, n_clusters: 0.0 });
                        pattern_of_members.insert(sorted.clone(), patterns.clusters.len() - 1);
                        patterns.clusters.len() - 1
                    });
                    patterns.clusters[pattern].n_clusters += 1.0;
                    patterns.pattern_of[first_cluster[*object] + cluster_idx] = pattern;
                }
            }
            patterns.crowds[patterns.crowd_of[objects_of_crowd[0]]].clusters = first..patterns.clusters.len();
        }
        patterns
    }
}
