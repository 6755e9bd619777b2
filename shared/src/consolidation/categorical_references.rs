//! The numbers of reference implementations, on one small made-up table of votes. Where a method starts otherwise than
//! the reference does, the reference was given our start.

use super::dawid_skene;
use super::ebcc;
use super::glad;
use super::ground_truth_em;
use super::mace;
use super::posteriors::tests::votes;
use super::posteriors::{Posteriors, Stopping};
use super::wawa;
use super::zero_based_skill;

/// Five workers, one of them poor, some answers missing.
const REFERENCE: &str = "aba-b cccca c-aac acacc bbbbc ccc-a bab-- acaaa cccaa a-a-b cbc-- baacb bbbba -abba c-cac aaaaa \
                         aacab -cbc- bbbcb ccca- ccccc bbbbc b---- -accc";

/// Exactly this number of rounds.
fn rounds(max_iterations: usize) -> Stopping {
    Stopping { tolerance: -1.0, max_iterations }
}

/// Compares as many numbers as are expected.
fn close(found: &[f64], expected: &[f64], tolerance: f64) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < tolerance, "{found} is not {expected}");
    }
}

/// crowd-kit 1.4.1, `DawidSkene(n_iter=3, tol=-1e9)`.
#[test]
fn dawid_skene_has_the_numbers_of_crowd_kit() {
    let fit = dawid_skene::fit(&votes(REFERENCE), &dawid_skene::Params { stopping: rounds(3) });
    let expected = [
        [9.919224803e-01, 8.070141570e-03, 7.378098189e-06],
        [1.728987249e-03, 8.095091792e-10, 9.982710119e-01],
        [1.133345896e-01, 3.268874008e-10, 8.866654101e-01],
        [8.630000617e-01, 4.553492359e-04, 1.365445890e-01],
        [8.791912729e-08, 9.999999082e-01, 3.846636488e-09],
        [3.441616049e-03, 1.304185949e-09, 9.965583826e-01],
    ];
    close(fit.fit.posteriors.as_flat(), expected.as_flattened(), 1e-6);
    close(&fit.class_prior, &[0.268_091_23, 0.324_007_07, 0.407_901_7], 1e-6);
}

/// crowd-kit 1.4.1, `Wawa()`.
#[test]
fn wawa_has_the_numbers_of_crowd_kit() {
    let fit = wawa::fit(&votes(REFERENCE));
    close(&fit.skill, &[0.857_142_86, 0.75, 0.826_086_96, 0.666_666_67, 0.421_052_63], 1e-8);
    close(fit.posteriors.row(0), &[0.589_720_83, 0.410_279_17, 0.0], 1e-8);
    close(fit.posteriors.row(2), &[0.538_715_64, 0.0, 0.461_284_36], 1e-8);
}

/// crowd-kit 1.4.1, `ZeroBasedSkill()`.
#[test]
fn zero_based_skill_has_the_numbers_of_crowd_kit() {
    let fit = zero_based_skill::fit(&votes(REFERENCE), &zero_based_skill::Params::STANDARD);
    close(&fit.skill, &[0.857_142_86, 0.7, 0.869_565_22, 0.722_222_22, 0.368_421_05], 1e-8);
    close(fit.posteriors.row(0), &[0.617_756_102, 0.382_243_898, 0.0], 1e-8);
    close(fit.posteriors.row(3), &[0.490_911_457, 0.0, 0.509_088_543], 1e-8);
}

/// crowd-kit 1.4.2, `MACE(n_restarts=1)` whose `_initialize` was overridden to start from even strategies and from 0.5, as
/// ours does. Its first round is an E step alone, so that its `n_iter` is one less than our rounds; competences are those
/// after one more, normalized.
#[test]
fn mace_has_the_numbers_of_crowd_kit() {
    let check = |n_rounds: usize, posteriors: [[f64; 3]; 4], competence: [f64; 5]| {
        let fit = mace::fit(&votes(REFERENCE), &mace::Params { stopping: rounds(n_rounds), ..mace::Params::STANDARD });
        close(fit.posteriors.as_flat(), posteriors.as_flattened(), 1e-7);
        close(&fit.skill, &competence, 1e-7);
    };
    check(
        5,
        [
            [9.557119520659e-01, 3.856077931436e-02, 5.727268619706e-03],
            [7.888523641368e-04, 4.917040755906e-04, 9.987194435603e-01],
            [5.540711587189e-01, 1.656566071457e-02, 4.293631805665e-01],
            [8.838468705281e-01, 5.296604730388e-03, 1.108565247415e-01],
        ],
        [0.864269195979, 0.459696348511, 0.786287359865, 0.43862715762, 0.14372734152],
    );
    check(
        50,
        [
            [9.913834453817e-01, 6.805947372905e-03, 1.810607245421e-03],
            [2.573657362380e-04, 2.242660579812e-04, 9.995183682058e-01],
            [6.974632252283e-01, 1.069559084777e-02, 2.918411839239e-01],
            [9.796603624906e-01, 1.789196862869e-03, 1.855044064651e-02],
        ],
        [0.882374391468, 0.40593426818, 0.868978375029, 0.41497094634, 0.047871176355],
    );
}

/// Our own transcription of the paper's update equations into numpy, without anything that makes ours fast. It agrees to
/// 10⁻¹⁵ with the update of the authors' program (`ebcc_vb` of github.com/yuan-li/truth-inference-at-scale, commit 621789b)
/// from the same start and priors; the program draws its start at random, and its prior of a subtype is 0.1 divided by the
/// number of subtypes, which is why that is compared too.
#[test]
fn ebcc_has_the_numbers_of_its_equations() {
    let votes = votes(REFERENCE);
    let check = |n_subtypes: usize, subtype_prior: f64, n_rounds: usize, expected: [[f64; 3]; 4]| {
        let stopping = rounds(n_rounds);
        let params = ebcc::Params { n_subtypes, subtype_prior, stopping, ..ebcc::Params::STANDARD };
        close(
            ebcc::fit(&votes, &Posteriors::vote_shares(&votes), &params).posteriors.as_flat(),
            expected.as_flattened(),
            1e-6,
        );
    };
    check(
        1,
        0.1,
        5,
        [
            [9.179354704331e-01, 7.760509151155e-02, 4.459438055350e-03],
            [6.657540142710e-04, 7.244912503567e-05, 9.992617968607e-01],
            [4.511912700224e-02, 1.727158347830e-03, 9.531537146499e-01],
            [8.337049008383e-02, 2.713073660520e-03, 9.139164362556e-01],
        ],
    );
    check(
        3,
        0.1,
        1,
        [
            [6.561154904327e-01, 3.290208161002e-01, 1.486369346712e-02],
            [5.472747081157e-03, 2.361426097911e-04, 9.942911103091e-01],
            [3.662907135774e-01, 5.358026738054e-03, 6.283512596846e-01],
            [1.806530600556e-01, 3.867593235356e-03, 8.154793467091e-01],
        ],
    );
    check(
        3,
        0.1,
        60,
        [
            [9.115782139839e-01, 8.349735776546e-02, 4.924428250660e-03],
            [5.432211427013e-04, 7.325270972821e-05, 9.993835261476e-01],
            [3.801502899569e-02, 1.734649374290e-03, 9.602503216300e-01],
            [5.903151080180e-02, 2.738600627806e-03, 9.382298885704e-01],
        ],
    );
    check(
        3,
        0.1 / 3.0,
        60,
        [
            [9.135631277520e-01, 8.160978341852e-02, 4.827088829444e-03],
            [5.580865726178e-04, 7.363652360522e-05, 9.993682769038e-01],
            [3.878063612332e-02, 1.734435913092e-03, 9.594849279636e-01],
            [6.100885432962e-02, 2.724778106716e-03, 9.362663675637e-01],
        ],
    );
}

/// A numpy program of our own, written from the description of AWS's example and not from this code: there is no packaged
/// version to name.
#[test]
fn ground_truth_em_has_the_numbers_of_its_description() {
    let check = |n_rounds: usize, expected: [[f64; 3]; 4], accuracy: [f64; 5]| {
        let fit = ground_truth_em::fit_until(&votes(REFERENCE), rounds(n_rounds));
        close(fit.posteriors.as_flat(), expected.as_flattened(), 1e-7);
        close(&fit.skill, &accuracy, 1e-7);
    };
    check(
        2,
        [
            [7.472289673584e-01, 2.301604617490e-01, 2.261057089262e-02],
            [2.539407305742e-03, 7.842531015934e-04, 9.966763395927e-01],
            [3.608864526385e-01, 1.758968265682e-02, 6.215238647047e-01],
            [3.470565569721e-01, 1.210421837018e-02, 6.408392246577e-01],
        ],
        [0.877781767054, 0.672957357691, 0.80079170299, 0.63687827301, 0.428994199423],
    );
    let after_twenty = [
        [9.366420756786e-01, 5.423810633806e-02, 9.119817983312e-03],
        [1.341363635620e-03, 4.787392185861e-04, 9.981798971458e-01],
        [3.975626631486e-01, 1.219914074600e-02, 5.902381961054e-01],
        [7.582337085089e-01, 7.350379326927e-03, 2.344159121642e-01],
    ];
    check(20, after_twenty, [0.917767640176, 0.630647161189, 0.855950844332, 0.613683411024, 0.384178429968]);
    close(ground_truth_em::fit(&votes(REFERENCE)).posteriors.as_flat(), after_twenty.as_flattened(), 1e-7);
}

/// crowd-kit 1.4.2, `GLAD(n_iter=60, tol=-1e9, m_step_max_iter=200, m_step_tol=1e-9)`: both climb to the same optimum, it by
/// conjugate gradients and ours by Newton steps. As it stops by default, after 11 rounds here, it is still up to 0.0016 off.
#[test]
fn glad_has_the_numbers_of_crowd_kit() {
    let fit = glad::fit(&votes(REFERENCE), &glad::Params { stopping: rounds(2000) });
    let expected = [
        [9.972476982746e-01, 2.224798147465e-03, 5.275035779403e-04],
        [8.954395058867e-10, 1.986337955016e-09, 9.999999971182e-01],
        [5.752459252230e-01, 3.055402190537e-02, 3.942000528717e-01],
        [9.632744194304e-01, 2.273617591564e-03, 3.445196297804e-02],
        [1.986337955016e-09, 9.999999971182e-01, 8.954395058867e-10],
        [2.780311086286e-07, 4.631154641669e-07, 9.999992588534e-01],
        [3.838921288195e-03, 9.951472058894e-01, 1.013872822417e-03],
    ];
    close(fit.posteriors.as_flat(), expected.as_flattened(), 1e-6);
    close(&fit.skill, &[0.966440765925, 0.670974094003, 0.941767992017, 0.687570976612, 0.340796045271], 1e-6);
}
