import { imagenet } from './imagenet.ts';

/** Class names that can be asked for by name, class 0 first. */
export const labelSets = {
  imagenet,
  // A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.
  cifar10: list('airplane automobile bird cat deer dog frog horse ship truck'),
  // Xiao, Rasul and Vollgraf, Fashion-MNIST, arXiv 1708.07747, table 2.
  'fashion-mnist': [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
  // Everingham and others, The PASCAL Visual Object Classes Challenge, IJCV 2010; 0 is background.
  'pascal-voc': [
    'background',
    'aeroplane',
    'bicycle',
    'bird',
    'boat',
    'bottle',
    'bus',
    'car',
    'cat',
    'chair',
    'cow',
    'dining table',
    'dog',
    'horse',
    'motorbike',
    'person',
    'potted plant',
    'sheep',
    'sofa',
    'train',
    'tv/monitor',
  ],
} as const satisfies Record<string, readonly string[]>;

export type LabelSet = keyof typeof labelSets;

export function isLabelSet(name: string): name is LabelSet {
  return Object.hasOwn(labelSets, name);
}

function list(names: string): readonly string[] {
  return names.split(' ');
}
